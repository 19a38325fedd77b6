import { shallowReactive, shallowRef, triggerRef, watch, type Ref } from 'vue'
import { ApiError, reasonOf } from '@/api/client'
import { acts, holderOf } from './deskApi'
import { newKey, type Key, type Message, type Session } from './types'

/** Send is something that was written and is not in the transcript yet. */
export interface Send {
  /** Makes a send that is tried again the same send. */
  key: string
  kind: 'reply' | 'note'
  text: string
  /** Of a picture or file that was stored. */
  media?: string
  type: 'text' | 'image' | 'file'
  name?: string
  preview?: string
  at: string
  /** The last line of the transcript when it was written: its own comes behind. */
  after: number
  state: 'sending' | 'waiting' | 'failed'
  reason?: string
  message?: string
  holder?: string
}

const stored = 'deskmate.desk.sends'
const patience = 2000 // ms between tries while nobody answers

/** same reports whether a line of the transcript is what a send became. */
function same(s: Send, m: Message): boolean {
  if ((s.kind === 'note') !== (m.from === 'note')) return false
  return s.media ? s.media === m.media : m.type === 'text' && m.text.trim() === s.text.trim()
}

/**
 * makeSends sends what is written, each session's in its order. A send whose fate is unknown is tried again with its own key, so
 * it is neither lost nor doubled; what waits is remembered over a reload.
 */
export function makeSends(me: () => string, online: Ref<boolean | null>, done: (key: Key, session: Session | undefined) => Promise<void> | void) {
  const all = shallowReactive(new Map<Key, Ref<Send[]>>())
  const running = new Set<Key>()

  function of(key: Key): Ref<Send[]> {
    let list = all.get(key)
    if (!list) {
      list = shallowRef<Send[]>([])
      all.set(key, list)
    }
    return list
  }

  function touch(key: Key) {
    const list = of(key)
    list.value = [...list.value]
    triggerRef(list)
    const waiting = [...all].map(([k, sends]) => [k, sends.value] as const).filter(([, sends]) => sends.length > 0)
    try {
      if (waiting.length) localStorage.setItem(stored, JSON.stringify({ me: me(), waiting }))
      else localStorage.removeItem(stored)
    } catch {
      // Then a reload forgets it, as it would have been forgotten without.
    }
  }

  function drop(key: Key, send: Send) {
    of(key).value = of(key).value.filter((s) => s.key !== send.key)
    if (send.preview) URL.revokeObjectURL(send.preview)
    touch(key)
  }

  async function attempt(key: Key, s: Send): Promise<boolean> {
    s.state = 'sending'
    touch(key)
    try {
      const act = acts(key)
      const session = s.kind === 'note' ? await act.note(s.text, s.key) : await act.reply(s.media ? { media: s.media } : { text: s.text }, s.key)
      await done(key, session)
      drop(key, s)
      return true
    } catch (err) {
      const open = err instanceof ApiError && (err.status === 0 || err.status >= 500)
      s.state = open ? 'waiting' : 'failed'
      s.reason = reasonOf(err)
      s.message = err instanceof ApiError ? err.message : ''
      s.holder = holderOf(err)
      touch(key)
      return !open
    }
  }

  async function run(key: Key) {
    if (running.has(key)) return
    running.add(key)
    try {
      for (let next = waitingOf(key); next; next = waitingOf(key)) {
        if (await attempt(key, next)) continue
        await new Promise((resolve) => setTimeout(resolve, patience))
      }
    } finally {
      running.delete(key)
    }
  }

  const waitingOf = (key: Key) => of(key).value.find((s) => s.state !== 'failed')

  watch(online, (now) => {
    if (now) for (const key of all.keys()) void run(key)
  })

  return {
    of,
    add(key: Key, what: Pick<Send, 'kind' | 'text' | 'type' | 'after'> & Partial<Send>) {
      of(key).value = [...of(key).value, { key: newKey(), at: new Date().toISOString(), state: 'sending', ...what }]
      touch(key)
      void run(key)
    },
    /** What was refused is sent as something new: the server remembers what became of the key. */
    retry(key: Key, send: Send) {
      send.key = newKey()
      send.state = 'sending'
      touch(key)
      void run(key)
    },
    drop,
    /** came takes a send off the list whose line has come by another way. */
    came(key: Key, m: Message) {
      if (m.sender?.userid !== me()) return
      const found = of(key).value.find((s) => s.state !== 'failed' && m.seq > s.after && same(s, m))
      if (found) drop(key, found)
    },
    /** resume takes up what a page before this one left. */
    resume() {
      try {
        const kept = JSON.parse(localStorage.getItem(stored) ?? 'null') as { me: string; waiting: [Key, Send[]][] } | null
        if (kept?.me !== me()) return
        for (const [key, sends] of kept.waiting) {
          of(key).value = sends.map((s) => ({ ...s, preview: undefined, state: s.state === 'failed' ? 'failed' : 'waiting' }))
          void run(key)
        }
      } catch {
        // What can't be read was never ours.
      }
    },
  }
}

export type Sends = ReturnType<typeof makeSends>
