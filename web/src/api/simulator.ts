import createClient from 'openapi-fetch'
export { ApiError, reasonOf, result } from './failure'
import type { components, paths } from './simulator-schema'

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

// fetch is looked up at each call, so that tests can stand in for it.
export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? '', fetch: (request) => globalThis.fetch(request) })

export const pictureURL = (mediaId: string) => `/sim/v1/pictures/${encodeURIComponent(mediaId)}`
