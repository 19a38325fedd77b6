import createClient from 'openapi-fetch'
import type { components, paths } from './schema'

type Schemas = components['schemas']
export type Corp = Schemas['SimCorp']
export type Member = Schemas['SimMember']
export type App = Schemas['SimApp']
export type Phone = Schemas['SimPhone']
export type Group = Schemas['SimGroup']
export type GroupChat = Schemas['SimGroupChat']
export type GroupBubble = Schemas['SimGroupBubble']
export type Conversation = Schemas['SimConversation']
export type MenuItem = Schemas['SimMenuItem']
export type Bubble = Schemas['SimBubble']
export type Card = Schemas['SimCard']
export type CardButton = Schemas['SimCardButton']
export type Message = Schemas['SimMessage']
export type Faults = Schemas['SimFaults']
export type Clock = Schemas['SimClock']
export type Trace = Schemas['SimTrace']
export type TraceDetail = Schemas['SimTraceDetail']
export type Touched = Schemas['SimTouched']
export type WorldChanged = Schemas['SimWorldChanged']

/** ApiError is a request that failed; reason is a stable word, "offline" where nobody answered. */
export class ApiError extends Error {
  constructor(
    readonly reason: string,
    readonly status: number,
    message: string,
  ) {
    super(message)
  }
}

// fetch is looked up at each call, so that tests can stand in for it.
export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? '', fetch: (request) => globalThis.fetch(request) })

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** result gives what a request answered, or throws an ApiError. */
export async function result<T>(request: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>
  try {
    answer = await request
  } catch (cause) {
    throw new ApiError('offline', 0, String(cause))
  }
  if (answer.response.ok) return answer.data as T
  const failure = (answer.error as Partial<Schemas['APIFailure']> | undefined)?.error
  throw new ApiError(failure?.reason ?? 'internal', answer.response.status, failure?.message ?? answer.response.statusText)
}

export function reasonOf(err: unknown): string {
  return err instanceof ApiError ? err.reason : 'internal'
}

export const pictureURL = (mediaId: string) => `/sim/v1/pictures/${encodeURIComponent(mediaId)}`
