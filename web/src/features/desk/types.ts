import type { Schemas } from '@/api/client'

export type Message = Schemas['MessageView']
export type Person = Schemas['PersonView']
export type Quick = Schemas['QuickView']
export type Proposal = Schemas['ProposalView']
export type Colleague = Schemas['ColleagueView']
export type MySeat = Schemas['MySeatView']
export type SeatState = MySeat['state']

/** A session, and the account that it belongs to: a workbench shows those of several. */
export interface Session extends Omit<Schemas['SessionView'], never> {
  account: string
}

/** Key names a session among those of all accounts. */
export type Key = `${string}/${string}`

export const keyOf = (s: { account: string; id: string }): Key => `${s.account}/${s.id}`

export const lists = ['mine', 'queue', 'bot', 'attention', 'closed'] as const
export type List = (typeof lists)[number]

/** Desk is an account that one works for. */
export interface DeskAccount {
  key: string
  name: string
  /** Where its picture lies. */
  avatar?: string
  /** One answers for it; owners who are no seat look on and step in. */
  seat: boolean
  /** One runs it: takes sessions over, sees those of all seats. */
  runs: boolean
}

/** newKey makes a key that is used once; browsers offer randomUUID on safe addresses alone. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('')
}
