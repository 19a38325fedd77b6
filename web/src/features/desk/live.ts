import { onScopeDispose, ref, type Ref } from 'vue'
import type { Message, SeatState } from './types'

/** What the server tells as it happens. After a hello everything is to be loaded anew. */
export interface LiveEvents {
  hello: object
  session: { account: string; session: Omit<import('./types').Session, 'account'> }
  message: { account: string; session: string; message: Message }
  seat: { account: string; seat: { userid: string; state: SeatState; load: number } }
  gone: { account: string; session: string }
}

export type LiveKind = keyof LiveEvents

export interface Live {
  /** Whether the server is there; null until that is known. */
  online: Readonly<Ref<boolean | null>>
  on<K extends LiveKind>(kind: K, listener: (event: LiveEvents[K]) => void): void
  /** Says that the person has read a session up to a line. */
  see(account: string, session: string, seq: number): void
  /** Says that the person is at work. */
  active(account: string): void
}

/** usePolling stands in for the stream: it says hello again and again, and everything is loaded anew. */
export function usePolling(every = 2000): Live {
  const online = ref<boolean | null>(null)
  const listeners = new Set<(event: object) => void>()
  const hello = async () => {
    try {
      online.value = (await fetch('/healthz', { cache: 'no-store' })).ok
    } catch {
      online.value = false
    }
    if (online.value) for (const listener of listeners) listener({})
  }
  const timer = setInterval(() => void hello(), every)
  setTimeout(() => void hello())
  onScopeDispose(() => clearInterval(timer))
  return {
    online,
    on: (kind, listener) => {
      if (kind === 'hello') listeners.add(listener as (event: object) => void)
    },
    see: () => undefined,
    active: () => undefined,
  }
}
