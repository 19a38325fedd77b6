import { computed, type Ref } from 'vue'
import { api, ApiError, result } from '@/api/client'
import { keyOf, newKey, type DeskAccount, type Key, type List, type Quick, type SeatState, type Session } from './types'

/** split takes a key apart into what the API's paths want. */
export function split(key: Key): { account: string; id: string } {
  const at = key.lastIndexOf('/')
  return { account: key.slice(0, at), id: key.slice(at + 1) }
}

const of = (account: string) => (s: Omit<Session, 'account'>): Session => ({ ...s, account })

export async function readList(account: DeskAccount, list: List, after?: string, limit = 50) {
  const page = await result(api.GET('/api/v1/accounts/{account}/sessions', { params: { path: { account: account.key }, query: { list, after, limit } } }))
  return { items: page.items.map(of(account.key)), next: page.next }
}

export async function readSession(key: Key): Promise<Session> {
  const { account, id } = split(key)
  return of(account)(await result(api.GET('/api/v1/accounts/{account}/sessions/{id}', { params: { path: { account, id } } })))
}

export const readCounts = (account: string) => result(api.GET('/api/v1/accounts/{account}/session-counts', { params: { path: { account } } }))

export async function readMessages(key: Key, after: number, limit: number) {
  const query = { after, limit }
  return (await result(api.GET('/api/v1/accounts/{account}/sessions/{id}/messages', { params: { path: split(key), query } }))).items
}

export async function readDeliveries(key: Key) {
  return (await result(api.GET('/api/v1/accounts/{account}/sessions/{id}/deliveries', { params: { path: split(key) } }))).items
}

export const readCandidates = (key: Key) => result(api.GET('/api/v1/accounts/{account}/sessions/{id}/candidates', { params: { path: split(key) } }))

export async function readColleagues(account: string) {
  return (await result(api.GET('/api/v1/accounts/{account}/colleagues', { params: { path: { account } } }))).items
}

export const readDesk = (account: string) => result(api.GET('/api/v1/accounts/{account}/desk', { params: { path: { account } } }))
export const readSeat = (account: string) => result(api.GET('/api/v1/accounts/{account}/me', { params: { path: { account } } }))

async function readQuick(account: string) {
  const all = []
  for (let after: string | undefined; ; ) {
    const page = await result(api.GET('/api/v1/accounts/{account}/quick-replies', { params: { path: { account }, query: { limit: 200, after } } }))
    all.push(...page.items)
    if (!page.next) return all
    after = page.next
  }
}

/** quickQuery are the quick replies that one may send for an account. */
export const quickQuery = (account: Readonly<Ref<string>>) => ({
  queryKey: computed(() => ['desk', 'quick', account.value]),
  queryFn: () => readQuick(account.value),
  staleTime: 60_000,
})

/** saveQuick writes a quick reply: a new one, or what one saw with another content. */
export function saveQuick(account: string, { id, version, ...body }: { id?: string; version?: number; shortcut: string; title: string; group: string; text: string }) {
  if (!id) return result(api.POST('/api/v1/accounts/{account}/quick-replies', { params: { path: { account } }, body }))
  return result(api.PUT('/api/v1/accounts/{account}/quick-replies/{id}', { params: { path: { account, id }, header: { 'If-Match': `"${version}"` } }, body }))
}

export const dropQuick = (account: string, { id, version }: Quick) =>
  result(api.DELETE('/api/v1/accounts/{account}/quick-replies/{id}', { params: { path: { account, id }, header: { 'If-Match': `"${version}"` } } }))

export async function readEarlier(account: string, userid: string) {
  const page = await result(api.GET('/api/v1/accounts/{account}/employees/{userid}/sessions', { params: { path: { account, userid }, query: { limit: 20 } } }))
  return page.items.map(of(account))
}

export const see = (key: Key, seq: number) => result(api.PUT('/api/v1/accounts/{account}/sessions/{id}/seen', { params: { path: split(key) }, body: { seq } }))

export const createEntry = (account: string, question: string, answer: string) =>
  result(api.POST('/api/v1/accounts/{account}/entries', { params: { path: { account } }, body: { question, answer, state: 'on' } }))

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * once does an act with a key of its own, and asks again with the same key where the network or a busy server left it open:
 * so it is done once however often it is sent.
 */
export async function once<T>(act: (key: string) => Promise<T>, tries = 4): Promise<T> {
  const key = newKey()
  for (let n = 1; ; n++) {
    try {
      return await act(key)
    } catch (err) {
      if (!(err instanceof ApiError) || (err.status !== 0 && err.reason !== 'pending') || n === tries) throw err
      await pause(400 * n)
    }
  }
}

const head = (key: string) => ({ 'Idempotency-Key': key })

/** The acts on a session. Each gives the session as it is then, where one may still see it. */
export function acts(key: Key) {
  const path = split(key)
  const done = async (answer: Promise<{ session?: Omit<Session, 'account'> }>) => {
    const { session } = await answer
    return session && of(path.account)(session)
  }
  const params = (once: string) => ({ path, header: head(once) })
  return {
    claim: () => once((k) => done(result(api.POST('/api/v1/accounts/{account}/sessions/{id}/claim', { params: params(k) })))),
    takeover: () => once((k) => done(result(api.POST('/api/v1/accounts/{account}/sessions/{id}/takeover', { params: params(k) })))),
    end: () => once((k) => done(result(api.POST('/api/v1/accounts/{account}/sessions/{id}/end', { params: params(k) })))),
    keep: (on: boolean) => once((k) => done(result(api.POST('/api/v1/accounts/{account}/sessions/{id}/keep', { params: params(k), body: { on } })))),
    recall: (seq: number) => once((k) => done(result(api.POST('/api/v1/accounts/{account}/sessions/{id}/recall', { params: params(k), body: { seq } })))),
    transfer: (to: { seat?: string; queue?: boolean; note?: string }) =>
      once((k) => done(result(api.POST('/api/v1/accounts/{account}/sessions/{id}/transfer', { params: params(k), body: to })))),
    reply: (body: { text?: string; media?: string }, k: string) =>
      done(result(api.POST('/api/v1/accounts/{account}/sessions/{id}/replies', { params: params(k), body }))),
    note: (text: string, k: string) => done(result(api.POST('/api/v1/accounts/{account}/sessions/{id}/notes', { params: params(k), body: { text } }))),
  }
}

/** takeNext takes the longest waiting session of an account. */
export async function takeNext(account: string): Promise<Session | undefined> {
  const { session } = await once((k) => result(api.POST('/api/v1/accounts/{account}/next', { params: { path: { account }, header: head(k) } })))
  return session && of(account)(session)
}

export const setState = (account: string, state: SeatState) =>
  once((k) => result(api.PUT('/api/v1/accounts/{account}/me/state', { params: { path: { account }, header: head(k) }, body: { state } })))

/** upload stores a picture or file, and gives what a reply names. */
export async function upload(account: string, file: File) {
  const form = new FormData()
  form.append('file', file, file.name || 'image.png')
  const body = form as unknown as { file: string }
  return result(api.POST('/api/v1/accounts/{account}/files', { params: { path: { account } }, body, bodySerializer: () => form }))
}

/** mediaURL is where the picture or file of a line lies. */
export const mediaURL = (key: Key, seq: number) => {
  const { account, id } = split(key)
  return `/api/v1/accounts/${encodeURIComponent(account)}/sessions/${id}/messages/${seq}/media`
}

/** holderOf says who has the session that an act came too late for. */
export function holderOf(err: unknown): string {
  const holder = err instanceof ApiError ? (err.body as { holder?: { name?: string } } | undefined)?.holder : undefined
  return holder?.name ?? ''
}

export { keyOf }
