import { onScopeDispose, readonly, ref, type Ref } from 'vue'
import type { Schemas } from '@/api/client'

/** What the server tells as it happens. After a hello everything is to be loaded anew, for what happened before it is not told. */
export interface LiveEvents {
  hello: { at: string }
  session: { account: string; session: Schemas['SessionView'] }
  message: { account: string; session: string; message: Schemas['MessageView'] }
  seat: { account: string; seat: { userid: string; state: 'online' | 'away' | 'offline'; load: number } }
  /** The session may no longer be seen. */
  gone: { account: string; session: string }
}

export type LiveKind = keyof LiveEvents
type Listener<K extends LiveKind> = (event: LiveEvents[K]) => void

export interface Live {
  /** Whether the server is there; null until that is known. */
  online: Readonly<Ref<boolean | null>>
  on<K extends LiveKind>(kind: K, listener: Listener<K>): void
  /** Says that somebody works for the account here at this moment. Without the server it is not said at all: it would not be true later. */
  active(account: string): void
}

const first = 500 // ms before the first attempt to come back
const longest = 15_000 // ms between attempts
// The server pings every 20 s; a stream is as good as its network, which may be gone without a word.
const doubt = 25_000

/** The close code of a stream whose login is no more. */
const signedOut = 1008

/**
 * useLive holds one stream open, and opens it again whenever it breaks: after longer and longer pauses, and at once when the network is back.
 * refused is told where the server may not want to go on with who is here: it ended the stream for that, or didn't begin one.
 */
export function useLive(url = streamURL(), refused?: () => void): Live {
  const online = ref<boolean | null>(null)
  const listeners = new Map<string, Set<(event: never) => void>>()
  let socket: WebSocket | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let tries = 0
  let hiddenAt = 0
  let ended = false

  function connect() {
    clearTimeout(timer)
    drop()
    if (ended || navigator.onLine === false) return // the network's return is told
    const mine = new WebSocket(url)
    socket = mine
    let greeted = false
    mine.onmessage = (event) => {
      const data = JSON.parse(event.data as string) as { type: string }
      if (data.type === 'hello') {
        greeted = true
        online.value = true
        tries = 0
      }
      for (const listener of listeners.get(data.type) ?? []) listener(data as never)
    }
    mine.onclose = (event) => {
      if (socket !== mine) return
      online.value = false
      if (event.code === signedOut || !greeted) refused?.()
      later()
    }
  }

  function later() {
    clearTimeout(timer)
    // Spread, so that a server that comes back isn't asked by everybody at once.
    const pause = Math.min(first * 2 ** tries, longest) * (0.5 + Math.random())
    tries++
    timer = setTimeout(connect, pause)
  }

  function drop() {
    const old = socket
    socket = undefined
    old?.close()
  }

  const back = () => connect()
  const away = () => {
    online.value = false
    drop()
    later()
  }
  const shown = () => {
    if (document.visibilityState === 'hidden') hiddenAt = Date.now()
    else if (online.value === false || (hiddenAt > 0 && Date.now() - hiddenAt > doubt)) connect() // a phone may have slept through its end
  }
  window.addEventListener('online', back)
  window.addEventListener('offline', away)
  document.addEventListener('visibilitychange', shown)
  connect()
  onScopeDispose(() => {
    ended = true
    clearTimeout(timer)
    drop()
    window.removeEventListener('online', back)
    window.removeEventListener('offline', away)
    document.removeEventListener('visibilitychange', shown)
  })
  return {
    online: readonly(online),
    on(kind, listener) {
      const of = listeners.get(kind) ?? new Set()
      listeners.set(kind, of.add(listener as (event: never) => void))
    },
    active(account) {
      if (online.value) socket?.send(JSON.stringify({ type: 'active', account }))
    },
  }
}

function streamURL(): string {
  const url = new URL('/api/v1/live', window.location.href)
  url.protocol = url.protocol.replace('http', 'ws')
  return url.toString()
}
