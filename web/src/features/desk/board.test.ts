import { describe, expect, it } from 'vitest'
import { place } from './board'
import type { DeskAccount, List, Session } from './types'

const now = Date.parse('2026-01-05T10:00:00Z')
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString()
const seat: DeskAccount = { key: 'it', name: 'IT', seat: true, runs: false }
const owner: DeskAccount = { ...seat, seat: false, runs: true }

function session(some: Partial<Session>): Session {
  return { account: 'it', id: '1', state: 'serving', employee: { userid: 'wang', name: '王芳' }, shared: false, keep_open: false, messages: 3, opened_at: ago(60), ...some }
}
const of = (s: Session, a = seat) => (['mine', 'queue', 'bot', 'attention', 'closed'] as List[]).filter((l) => place(s, l, a, 'li', now) !== undefined)

describe('place', () => {
  const li = { userid: 'li', name: '李明' }
  const zhao = { userid: 'zhao', name: '赵磊' }
  it.each<[string, Partial<Session>, List[], List[]]>([
    ['with the bot', { state: 'bot' }, ['bot'], ['bot']],
    ['just queued', { state: 'queued', queued_at: ago(1), waiting_since: ago(1) }, ['queue'], ['queue']],
    ['queued for long', { state: 'queued', queued_at: ago(9), waiting_since: ago(4) }, ['queue', 'attention'], ['queue', 'attention']],
    ['mine', { seat: li }, ['mine'], ['mine']],
    ['mine and owed', { seat: li, owed_since: ago(5) }, ['mine', 'attention'], ['mine', 'attention']],
    ['mine and just owed', { seat: li, owed_since: ago(1) }, ['mine'], ['mine']],
    ["a colleague's and owed", { seat: zhao, owed_since: ago(5) }, [], ['attention']],
    ['for all seats', { shared: true }, ['mine'], []],
    ['for all, claimed by another', { shared: true, seat: zhao }, [], []],
    ['undelivered', { seat: li, undelivered: 1 }, ['mine', 'attention'], ['mine', 'attention']],
    ['mine, ended', { state: 'closed', seat: li, queued_at: ago(9), closed_at: ago(1) }, ['closed'], ['closed']],
    ["a colleague's, ended", { state: 'closed', seat: zhao, queued_at: ago(9), closed_at: ago(1) }, [], ['closed']],
    ["the bot's, ended", { state: 'closed', closed_at: ago(1) }, [], []],
  ])('%s', (_, some, seatSees, ownerSees) => {
    expect(of(session(some))).toEqual(seatSees)
    expect(of(session(some), owner)).toEqual(ownerSees)
  })

  it('puts who waits longest first', () => {
    const queued = (minutes: number) => place(session({ state: 'queued', queued_at: ago(minutes) }), 'queue', seat, 'li', now) ?? 0
    expect(queued(9)).toBeLessThan(queued(2))
    const mine = (minutes: number) => place(session({ seat: li, last: { from: 'employee', text: '', at: ago(minutes) } }), 'mine', seat, 'li', now) ?? 0
    expect(mine(2)).toBeLessThan(mine(9))
  })
})
