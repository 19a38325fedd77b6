import { onScopeDispose, watch } from 'vue'
import { isMine } from './board'
import { see } from './deskApi'
import { keyOf, type Key, type Message, type Session } from './types'
import type { Desk } from './useDesk'

const countPause = 1500 // ms between two counts
const patience = 4000 // ms until the lists are loaded without the stream

/** followLive keeps the workbench as the server has it, and tells the server that one is there. */
export function followLive(desk: Desk) {
  const { board, transcripts, live } = desk
  const seatOf = (account: string) => desk.accounts.value.find((a) => a.key === account)?.seat ?? false
  let counting: ReturnType<typeof setTimeout> | undefined

  function countSoon() {
    counting ??= setTimeout(() => {
      counting = undefined
      void board.count()
    }, countPause)
  }

  async function everything() {
    if (desk.accounts.value.length === 0) return
    await Promise.all([board.count(), board.load('mine'), board.load('queue'), board.load('attention'), board.load(desk.list.value)])
    const key = desk.selected.value
    const s = key && (board.sessions.get(key) ?? (await board.refresh(key)))
    for (const known of transcripts.keys()) {
      const messages = board.sessions.get(known)?.messages
      if (known === key || messages === undefined) continue
      void transcripts.known(known)?.grow(messages)
    }
    if (key && s) await transcripts.known(key)?.grow(s.messages)
  }

  function came(s: Session) {
    const key = keyOf(s)
    const before = board.sessions.get(key)
    board.put(s)
    const now = isMine(s, desk.userid(), seatOf(s.account))
    if (now && before && !isMine(before, desk.userid(), seatOf(s.account)) && desk.actions.busy.value === '') {
      desk.alerts.tone()
      desk.alerts.notify(desk.t('desk.alert.session', { name: s.employee.name }), s.last?.text ?? '', key, () => desk.select(key))
    }
    void transcripts.known(key)?.grow(s.messages)
    if (!before || before.state !== s.state || before.seat?.userid !== s.seat?.userid) countSoon()
  }

  function heard(key: Key, m: Message) {
    transcripts.known(key)?.take(m)
    const s = board.sessions.get(key)
    if (!s) return
    if (m.seq > s.messages) {
      const last = { from: m.from, text: m.text.replace(/\s+/g, ' ').slice(0, 60), at: m.at }
      board.put({ ...s, messages: m.seq, last })
    }
    if (m.from !== 'employee' || !isMine(s, desk.userid(), seatOf(s.account)) || looking(key)) return
    board.unread.set(key, Math.min(100, (board.unread.get(key) ?? 0) + 1))
    desk.alerts.tone()
    desk.alerts.notify(s.employee.name, m.text, key, () => desk.select(key))
  }

  const looking = (key: Key) => desk.selected.value === key && !document.hidden && document.hasFocus() && (!desk.phone.value || desk.pane.value === 'talk')

  // What one looks at is loaded at once, the rest with the stream's hello: what happened before it isn't told. A network that
  // lets no streams through has the lists all the same.
  const alone = setTimeout(() => live.online.value || void everything(), patience)
  live.on('hello', () => {
    clearTimeout(alone)
    void everything()
  })
  live.on('session', (e) => came({ ...e.session, account: e.account }))
  live.on('message', (e) => heard(`${e.account}/${e.session}`, e.message))
  live.on('gone', (e) => board.sessions.delete(`${e.account}/${e.session}`))
  live.on('seat', (e) => {
    if (e.seat.userid === desk.userid()) void desk.queries.invalidateQueries({ queryKey: ['desk', 'seats'] })
    void desk.queries.invalidateQueries({ queryKey: ['desk', 'colleagues', e.account] })
  })
  watch(
    () => desk.accounts.value.map((a) => a.key).join(),
    (now) => {
      if (!now) return
      desk.sends.resume()
      if (live.online.value) void everything()
      else void board.count()
    },
    { immediate: true },
  )

  onScopeDispose(() => {
    clearTimeout(counting)
    clearTimeout(alone)
  })
}

/** makeSeen tells the server how far somebody has read, shortly after. */
export function makeSeen(desk: Desk) {
  const told = new Map<Key, number>()
  const timers = new Map<Key, ReturnType<typeof setTimeout>>()
  return (key: Key, seq: number) => {
    if (seq < 1 || document.hidden || !document.hasFocus()) return
    const s = desk.board.sessions.get(key)
    if (!s || s.state !== 'serving' || !isMine(s, desk.userid(), desk.accounts.value.find((a) => a.key === s.account)?.seat ?? false)) return
    desk.board.unread.delete(key)
    if ((told.get(key) ?? 0) >= seq) return
    told.set(key, seq)
    clearTimeout(timers.get(key)) // of this session alone: what was read of another one is told, too
    timers.set(
      key,
      setTimeout(() => {
        timers.delete(key)
        void see(key, seq).catch(() => told.delete(key))
      }, 300),
    )
  }
}
