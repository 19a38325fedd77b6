import { computed, shallowReactive, type Ref } from 'vue'
import type { Schemas } from '@/api/client'
import { readCounts, readList, readSession } from './deskApi'
import { keyOf, lists, type DeskAccount, type Key, type List, type Session } from './types'

type Counts = Schemas['CountsView']

const ms = (instant?: string) => (instant ? Date.parse(instant) : 0)

/** Where the server says how long a seat may owe an answer, and how long one may wait. */
const waitLong = 180_000

/** isMine reports whether what one writes goes to the session. */
export const isMine = (s: Session, me: string, seat: boolean) =>
  s.state === 'serving' && (s.seat?.userid === me || (seat && s.shared && !s.seat))

/** place is where a session stands in a list, in the order that people want; undefined where it is none of it. */
export function place(s: Session, list: List, a: DeskAccount, me: string, now: number, owedLong = waitLong): number | undefined {
  const mine = isMine(s, me, a.seat)
  switch (list) {
    case 'mine':
      return mine ? -Math.max(ms(s.last?.at), ms(s.assigned_at)) : undefined
    case 'queue':
      return s.state === 'queued' ? ms(s.queued_at) : undefined
    case 'bot':
      return s.state === 'bot' ? ms(s.opened_at) : undefined
    case 'closed':
      if (s.state !== 'closed' || !s.queued_at || (!a.runs && s.seat?.userid !== me)) return undefined
      return -(a.runs ? ms(s.queued_at) : ms(s.closed_at))
    case 'attention':
      return s.state === 'closed' || !(a.runs || mine || s.state === 'queued') ? undefined : attention(s, now, owedLong)
  }
}

function attention(s: Session, now: number, owedLong: number): number | undefined {
  if (s.waiting_since && now - ms(s.waiting_since) >= waitLong) return ms(s.waiting_since)
  if (s.owed_since && now - ms(s.owed_since) >= owedLong) return ms(s.owed_since)
  return s.undelivered ? Math.max(ms(s.last_employee_at), ms(s.last_seat_at)) : undefined
}

interface Pages {
  /** By account, where the next page begins; undefined: there is none. */
  next: Map<string, string | undefined>
  state: 'new' | 'loading' | 'there' | 'failed'
  error?: unknown
}

/** The most of one's own sessions that are loaded page by page at once. */
const mineAtOnce = 4

/** makeBoard holds the sessions of all accounts, and their lists. */
export function makeBoard(accounts: Ref<DeskAccount[]>, me: () => string, now: Ref<number>, owedLong: (account: string) => number) {
  const sessions = shallowReactive(new Map<Key, Session>())
  const counts = shallowReactive(new Map<string, Counts>())
  const unread = shallowReactive(new Map<Key, number>())
  const pages = shallowReactive(new Map<List, Pages>(lists.map((l) => [l, { next: new Map(), state: 'new' }])))
  const byKey = computed(() => new Map(accounts.value.map((a) => [a.key, a])))

  function put(s: Session) {
    sessions.set(keyOf(s), s)
  }

  // What the server no longer lists, and we still believe to be there, has moved on.
  function settle(list: List, a: DeskAccount, got: Set<Key>) {
    for (const [key, s] of sessions) {
      if (s.account === a.key && !got.has(key) && list !== 'attention' && place(s, list, a, me(), now.value) !== undefined) void refresh(key)
    }
  }

  async function refresh(key: Key): Promise<Session | undefined> {
    try {
      const s = await readSession(key)
      put(s)
      return s
    } catch {
      sessions.delete(key)
      return undefined
    }
  }

  async function page(list: List, a: DeskAccount, after?: string) {
    const got = await readList(a, list, after)
    for (const s of got.items) put(s)
    pages.get(list)?.next.set(a.key, got.next)
    return got
  }

  async function loadOne(list: List, a: DeskAccount) {
    const keys = new Set<Key>()
    let got = await page(list, a)
    got.items.forEach((s) => keys.add(keyOf(s)))
    for (let n = 1; list === 'mine' && got.next && n < mineAtOnce; n++) {
      got = await page(list, a, got.next)
      got.items.forEach((s) => keys.add(keyOf(s)))
    }
    if (!got.next && list !== 'closed') settle(list, a, keys)
  }

  const busy = new Set<List>()
  const again = new Set<List>()

  // What is asked for while it is loaded is loaded once more: the answer may have been written before.
  async function load(list: List) {
    const p = pages.get(list)
    if (!p) return
    if (busy.has(list)) {
      again.add(list)
      return
    }
    busy.add(list)
    pages.set(list, { ...p, state: p.state === 'there' ? 'there' : 'loading' })
    const wanted = accounts.value.filter((a) => list !== 'mine' || a.seat)
    const results = await Promise.allSettled(wanted.map((a) => loadOne(list, a)))
    const failed = results.find((r) => r.status === 'rejected')
    pages.set(list, { next: p.next, state: failed ? 'failed' : 'there', error: failed?.reason })
    busy.delete(list)
    if (again.delete(list)) await load(list)
  }

  async function more(list: List) {
    const p = pages.get(list)
    if (!p || p.state !== 'there') return
    const wanted = accounts.value.filter((a) => p.next.get(a.key))
    if (wanted.length === 0) return
    pages.set(list, { ...p, state: 'loading' })
    await Promise.allSettled(wanted.map((a) => page(list, a, p.next.get(a.key))))
    pages.set(list, { ...p, state: 'there' })
  }

  async function count() {
    await Promise.allSettled(
      accounts.value.map(async (a) => {
        const c = await readCounts(a.key)
        counts.set(a.key, c)
        for (const key of unread.keys()) if (key.startsWith(`${a.key}/`)) unread.delete(key)
        for (const u of c.unread) unread.set(`${a.key}/${u.session}`, u.lines)
      }),
    )
  }

  /** shown are the sessions of a list that are known, in its order. */
  function shown(list: List, account: string, words: string): Session[] {
    const wanted = words.trim().toLowerCase()
    const found: [number, Session][] = []
    for (const s of sessions.values()) {
      const a = byKey.value.get(s.account)
      if (!a || (account && a.key !== account)) continue
      const at = place(s, list, a, me(), now.value, owedLong(a.key))
      if (at === undefined) continue
      if (wanted && !`${s.employee.name} ${s.employee.userid} ${s.employee.department ?? ''} ${s.last?.text ?? ''}`.toLowerCase().includes(wanted)) continue
      found.push([at, s])
    }
    return found.sort(([x, s], [y, t]) => x - y || s.id.localeCompare(t.id)).map(([, s]) => s)
  }

  return { sessions, counts, unread, pages, accounts: byKey, put, refresh, load, more, count, shown }
}

export type Board = ReturnType<typeof makeBoard>
