import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, inject, nextTick, provide, ref, shallowRef, watch, type InjectionKey } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute, useRouter } from 'vue-router'
import { useAccess } from '@/composables/useAccess'
import { useMedia } from '@/composables/useMedia'
import { useLive } from '@/composables/useLive'
import { useStored } from '@/composables/useStored'
import { useNow } from '@/composables/useNow'
import { makeActions, type Actions } from './actions'
import { makeAlerts } from './alerts'
import { isMine, makeBoard } from './board'
import { readDesk, readSeat, split } from './deskApi'
import { makeDrafts } from './drafts'
import { followLive } from './follow'
import { keepPresence } from './presence'
import { makeSends } from './sends'
import { useSettings } from './settings'
import { makeToasts } from './toasts'
import { makeTranscripts } from './transcripts'
import { keyOf, lists, type DeskAccount, type Key, type List } from './types'

export type Dialog = '' | 'transfer' | 'end' | 'palette' | 'help'

function makeParts() {
  const { me } = useAccess()
  const { t } = useI18n()
  const route = useRoute()
  const router = useRouter()
  const queries = useQueryClient()
  const settings = useSettings()
  const toasts = makeToasts()
  const now = useNow(1000)
  const coarse = useNow(15_000)
  const phone = useMedia('(max-width: 899px)')
  const userid = () => me.value?.userid ?? ''

  const accounts = computed<DeskAccount[]>(() =>
    (me.value?.accounts ?? [])
      .filter((a) => a.may.includes('listSessions') || (a.may.length === 0 && a.seat))
      .map((a) => ({ key: a.key, name: a.name, avatar: a.avatar, seat: a.seat, runs: a.role !== 'seat' })),
  )
  const mayOn = (account: string, operation: string) =>
    !!me.value && (me.value.may.includes(operation) || !!me.value.accounts.find((a) => a.key === account)?.may.includes(operation))

  const { data: about } = useQuery({
    queryKey: computed(() => ['desk', 'about', accounts.value.map((a) => a.key)]),
    queryFn: async () => new Map(await Promise.all(accounts.value.map(async (a) => [a.key, await readDesk(a.key)] as const))),
    enabled: computed(() => accounts.value.length > 0),
    staleTime: 300_000,
  })
  const { data: seats } = useQuery({
    queryKey: computed(() => ['desk', 'seats', accounts.value.map((a) => a.key)]),
    queryFn: async () => {
      const mine = accounts.value.filter((a) => a.seat)
      const found = await Promise.allSettled(mine.map(async (a) => [a.key, await readSeat(a.key)] as const))
      return new Map(found.flatMap((f) => (f.status === 'fulfilled' ? [f.value] : [])))
    },
    enabled: computed(() => accounts.value.some((a) => a.seat)),
    staleTime: 30_000,
  })

  const board = makeBoard(accounts, userid, coarse, (account) => (about.value?.get(account)?.remind_seconds ?? 180) * 1000)
  // Who is no longer signed in learns it here, for the answer leads to where one signs in.
  const live = useLive(undefined, () => void queries.invalidateQueries({ queryKey: ['me'] }))
  const sends = makeSends(userid, live.online as never, async (key, session) => {
    if (!session) return
    board.put(session)
    await transcripts.known(key)?.grow(session.messages)
  })
  const transcripts = makeTranscripts((key, m) => sends.came(key, m))
  const drafts = makeDrafts()

  // What is looked at. The address follows, so that going back works and a link leads here.
  const list = useStored<List>('deskmate.desk.list', 'mine', (v): v is List => lists.includes(v as List))
  const account = useStored<string>('deskmate.desk.account', '', (v): v is string => typeof v === 'string')
  const words = ref('')
  const selected = shallowRef<Key>()
  const pane = computed<'list' | 'talk' | 'details'>(() => (!selected.value ? 'list' : route.query.pane === 'details' ? 'details' : 'talk'))
  const dialog = ref<Dialog>('')
  const composer = shallowRef<{ focus(note?: boolean): void; insert(text: string, replace?: boolean): void; manage(): void }>()

  const session = computed(() => (selected.value ? board.sessions.get(selected.value) : undefined))
  const shown = computed(() => board.shown(list.value, account.value, words.value))
  const mine = computed(() => board.shown('mine', '', ''))
  const badge = computed(() => mine.value.filter((s) => board.unread.get(keyOf(s))).length)
  const alerts = makeAlerts(settings, badge)

  function select(key: Key | undefined, how: 'push' | 'replace' = phone.value ? 'push' : 'replace') {
    if (key === selected.value && route.params.session === (key ? split(key).id : undefined)) return
    if (key) ahead(key)
    selected.value = key
    const to = key ? { name: 'desk-session', params: { account: split(key).account, session: split(key).id } } : { name: 'desk' }
    void router[how](to).then(() => alerts.show())
  }

  watch(
    () => [route.params.account, route.params.session] as const,
    ([a, s]) => {
      const key = typeof a === 'string' && typeof s === 'string' ? (`${a}/${s}` as const) : undefined
      if (route.name === 'desk' || route.name === 'desk-session') selected.value = key
    },
    { immediate: true },
  )
  watch(selected, (key) => key && !board.sessions.has(key) && void board.refresh(key), { immediate: true })
  watch([list, accounts], () => accounts.value.length && void board.load(list.value), { immediate: true })
  const nextTime = useStored<unknown[]>('deskmate.desk.accounts', [], Array.isArray) // for src/app/ahead.ts
  watch(accounts, (all) => {
    if (all.length) nextTime.value = all.map(({ key, seat }) => ({ key, seat }))
    if (account.value && !all.some((a) => a.key === account.value)) account.value = ''
  }, { immediate: true })

  /** ahead loads what will probably be looked at next. */
  const ahead = (key: Key) => {
    const s = board.sessions.get(key)
    if (s) transcripts.open(key, s.messages)
  }

  // One's own sessions open at once: what was said in them is loaded when there is nothing else to do. Others' are not, for
  // reading them is written down.
  const atOnce = 8
  const idle = window.requestIdleCallback ?? ((f: () => void) => setTimeout(f, 300))
  watch(
    () => mine.value.slice(0, atOnce).map(keyOf).find((key) => !transcripts.known(key)),
    (key) => key && idle(() => board.sessions.has(key) && ahead(key)),
    { immediate: true },
  )

  function move(by: number) {
    const all = shown.value
    if (all.length === 0) return
    const at = all.findIndex((s) => keyOf(s) === selected.value)
    const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + by))]
    if (!next) return
    select(keyOf(next), 'replace')
    void nextTick(() => {
      const after = all[at + by + by]
      if (after) ahead(keyOf(after))
    })
  }

  const size = (l: List): number | undefined => {
    const p = board.pages.get(l)
    const wanted = accounts.value.filter((a) => !account.value || a.key === account.value)
    if (p?.state === 'there' && wanted.every((a) => !p.next.get(a.key))) return board.shown(l, account.value, '').length
    if (l === 'closed') return undefined
    return wanted.reduce((sum, a) => sum + (board.counts.get(a.key)?.[l] ?? 0), 0)
  }

  return {
    me, userid, accounts, mayOn, about, seats, board, live, sends, transcripts, drafts, settings, toasts, now, coarse, phone, alerts,
    list, account, words, selected, session, shown, mine, badge, pane, dialog, composer, select, move, ahead, size, queries, t,
    /** Whether one answers the session. */
    answers: computed(() => !!session.value && isMine(session.value, userid(), accounts.value.find((a) => a.key === session.value?.account)?.seat ?? false)),
    showList(l: List) {
      list.value = l
      words.value = ''
      if (phone.value) select(undefined, 'replace')
    },
    toggleDetails() {
      if (phone.value) void router.push({ query: pane.value === 'details' ? {} : { pane: 'details' } })
      else settings.value.detailsShown = !settings.value.detailsShown
    },
    back: () => (window.history.state?.back ? router.back() : pane.value === 'details' ? void router.replace({ query: {} }) : select(undefined, 'replace')),
  }
}

export type DeskParts = ReturnType<typeof makeParts>
export type Desk = DeskParts & { actions: Actions }

const deskKey: InjectionKey<Desk> = Symbol('desk')

/** provideDesk makes the workbench's state, for the page and all that stands on it. */
export function provideDesk(): Desk {
  const parts = makeParts()
  const desk: Desk = { ...parts, actions: makeActions(parts) }
  provide(deskKey, desk)
  followLive(desk)
  keepPresence(desk.live, () => desk.accounts.value.filter((a) => a.seat).map((a) => a.key))
  return desk
}

export function useDesk(): Desk {
  const desk = inject(deskKey)
  if (!desk) throw new Error('there is no workbench above this component')
  return desk
}
