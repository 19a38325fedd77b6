import { ref } from 'vue'
import { ApiError } from '@/api/client'
import { acts, holderOf, setState, takeNext } from './deskApi'
import { keyOf, type Key, type SeatState, type Session } from './types'
import type { DeskParts } from './useDesk'

const refusals = new Set([
  'claimed', 'closed', 'not_serving', 'not_waiting', 'seat_full', 'own_session', 'queue_empty', 'transfer_refused', 'same_seat', 'in_queue', 'claim_first',
  'not_last', 'nothing_sent', 'recalled_already', 'too_old', 'sent_together', 'being_sent', 'unconfirmed', 'undelivered', 'permission', 'pending', 'offline',
])

/** makeActions is what one does to sessions. What comes of it is said in words. */
export function makeActions(desk: DeskParts) {
  const { board, toasts, t } = desk
  const busy = ref('')

  /** why says why something was refused, and who was faster. */
  function why(err: unknown): string {
    if (!(err instanceof ApiError)) return t('error.internal')
    const holder = holderOf(err)
    if (holder && (err.reason === 'claimed' || err.reason === 'not_serving')) return t('desk.refused.holder', { name: holder })
    if (refusals.has(err.reason)) return t(`desk.refused.${err.reason}`)
    return err.status < 500 && err.message ? err.message : t('error.internal')
  }

  async function act(name: string, key: Key, doing: () => Promise<Session | undefined>, said?: string): Promise<boolean> {
    if (busy.value) return false
    busy.value = name
    try {
      const session = await doing()
      if (session) {
        board.put(session)
        await desk.transcripts.known(key)?.grow(session.messages)
      } else board.sessions.delete(key)
      if (said) toasts.say(said)
      void board.count()
      return true
    } catch (err) {
      toasts.say(why(err), 'error')
      if (err instanceof ApiError && err.status >= 400 && err.status < 500) void board.refresh(key)
      return false
    } finally {
      busy.value = ''
    }
  }

  // Where somebody waits the longest is asked first.
  async function next() {
    if (busy.value) return
    busy.value = 'next'
    try {
      const waiting = new Map(board.shown('queue', desk.account.value, '').reverse().map((s) => [s.account, Date.parse(s.queued_at ?? '')]))
      const wanted = desk.accounts.value
        .filter((a) => a.seat && (!desk.account.value || a.key === desk.account.value))
        .sort((a, b) => (waiting.get(a.key) ?? Infinity) - (waiting.get(b.key) ?? Infinity))
      for (const [i, a] of wanted.entries()) {
        try {
          const session = await takeNext(a.key)
          if (!session) continue
          board.put(session)
          desk.list.value = 'mine'
          desk.select(keyOf(session))
          toasts.say(t('desk.said.taken', { name: session.employee.name }))
          void board.count()
          return
        } catch (err) {
          if (err instanceof ApiError && err.reason === 'queue_empty' && i < wanted.length - 1) continue
          throw err
        }
      }
      toasts.say(t('desk.refused.queue_empty'))
    } catch (err) {
      const empty = err instanceof ApiError && err.reason === 'queue_empty'
      toasts.say(why(err), empty ? 'info' : 'error')
    } finally {
      busy.value = ''
    }
  }

  return {
    busy,
    why,
    next,
    async claim(key: Key) {
      const done = await act('claim', key, () => acts(key).claim())
      if (done) desk.list.value = 'mine'
      return done
    },
    takeover: (key: Key) => act('takeover', key, () => acts(key).takeover(), t('desk.said.takenOver')),
    end: (key: Key) => act('end', key, () => acts(key).end(), t('desk.said.ended')),
    keep: (key: Key, on: boolean) => act('keep', key, () => acts(key).keep(on), t(on ? 'desk.said.kept' : 'desk.said.keptNoLonger')),
    async recall(key: Key, seq: number) {
      const done = await act('recall', key, () => acts(key).recall(seq), t('desk.said.recalled'))
      if (done) await desk.transcripts.known(key)?.reload(seq)
      return done
    },
    transfer: (key: Key, to: { seat?: string; queue?: boolean; note?: string }, said: string) => act('transfer', key, () => acts(key).transfer(to), said),
    /** Goes online, away or offline everywhere, or in the account that is looked at. */
    async state(state: SeatState) {
      const wanted = desk.accounts.value.filter((a) => a.seat && (!desk.account.value || a.key === desk.account.value))
      const results = await Promise.allSettled(wanted.map((a) => setState(a.key, state)))
      const failed = results.find((r) => r.status === 'rejected')
      if (failed) toasts.say(why(failed.reason), 'error')
      await desk.queries.invalidateQueries({ queryKey: ['desk', 'seats'] })
    },
  }
}

export type Actions = ReturnType<typeof makeActions>
