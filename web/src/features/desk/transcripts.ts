import { shallowReactive, shallowRef, triggerRef, type ShallowRef } from 'vue'
import { readMessages } from './deskApi'
import type { Key, Message } from './types'

/** How many lines are loaded in one go, and how many transcripts are kept. */
export const pageLines = 100
const kept = 30

/** Transcript is what is known of a session's lines: all are numbered, those that were not looked at yet are missing. */
export interface Transcript {
  key: Key
  /** The number of the last line. */
  count: ShallowRef<number>
  /** By their numbers, from 1. */
  lines: ShallowRef<Map<number, Message>>
  error: ShallowRef<unknown>
  /** Loads the lines around a number, where they are missing. */
  need(seq: number): Promise<void>
  /** Takes a line that was told; where some before it are missing they are loaded. */
  take(message: Message): void
  /** Loads a line again, because it has changed. */
  reload(seq: number): Promise<void>
  /** Learns that there are so many lines, and loads the new ones. */
  grow(count: number): Promise<void>
}

function makeTranscript(key: Key, messages: number, came: (key: Key, m: Message) => void): Transcript {
  const count = shallowRef(messages)
  const lines = shallowRef(new Map<number, Message>())
  const error = shallowRef<unknown>()
  const loading = new Map<number, Promise<void>>()

  function put(some: Message[]) {
    for (const m of some) {
      lines.value.set(m.seq, m)
      came(key, m)
    }
    const last = some.at(-1)
    if (last && last.seq > count.value) count.value = last.seq
    triggerRef(lines)
  }

  // A page that is asked for twice is loaded once.
  function load(after: number, limit: number): Promise<void> {
    const before = loading.get(after)
    if (before) return before
    const running = readMessages(key, after, limit)
      .then((some) => {
        error.value = undefined
        put(some)
      })
      .catch((err: unknown) => {
        error.value = err
      })
      .finally(() => loading.delete(after))
    loading.set(after, running)
    return running
  }

  async function need(seq: number) {
    if (seq < 1 || seq > count.value || lines.value.has(seq)) return
    await load(Math.floor((seq - 1) / pageLines) * pageLines, pageLines)
  }

  // Loads what stands behind the last line without a gap, however much that is.
  async function catchUp(to: number) {
    for (let from = lastWhole(); from < to; ) {
      await load(from, pageLines)
      const now = lastWhole()
      if (now <= from) return
      from = now
    }
  }

  function lastWhole(): number {
    let seq = count.value
    while (seq > 0 && !lines.value.has(seq)) seq--
    return seq
  }

  return {
    key,
    count,
    lines,
    error,
    need,
    take(message) {
      const gap = message.seq > count.value + 1
      const from = count.value
      put([message])
      if (gap) void load(from, pageLines)
    },
    async reload(seq) {
      put(await readMessages(key, seq - 1, 1))
    },
    async grow(to) {
      if (to <= count.value) return
      const from = lines.value.has(count.value) ? count.value : 0
      if (from === 0) {
        count.value = to
        return
      }
      await catchUp(to)
    },
  }
}

/** makeTranscripts keeps the transcripts that were looked at last. came is told of every line that is there now. */
export function makeTranscripts(came: (key: Key, m: Message) => void) {
  const all = shallowReactive(new Map<Key, Transcript>())
  return {
    /** open is a session's transcript, whose last lines are there or on their way. */
    open(key: Key, messages: number): Transcript {
      let found = all.get(key)
      if (found) {
        all.delete(key) // the last one that was looked at goes to the end
        void found.grow(messages)
      } else found = makeTranscript(key, messages, came)
      all.set(key, found)
      for (const old of all.keys()) {
        if (all.size <= kept) break
        all.delete(old)
      }
      void found.need(messages)
      if (messages % pageLines < 30) void found.need(messages - (messages % pageLines))
      return found
    },
    /** known is a session's transcript where it is kept. */
    known: (key: Key) => all.get(key),
    keys: () => [...all.keys()],
    forget: (key: Key) => all.delete(key),
  }
}

export type Transcripts = ReturnType<typeof makeTranscripts>
