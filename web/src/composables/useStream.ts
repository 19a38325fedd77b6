import { onScopeDispose, readonly, ref, type Ref } from 'vue'
import type { Clock, Touched, Trace, WorldChanged } from '@/api/simulator'

/** What the server tells as it happens. After a hello everything is to be loaded anew. */
export interface StreamEvents {
  hello: Clock
  trace: Trace
  touched: Touched
  world: WorldChanged
}

type Kind = keyof StreamEvents
type Listener<K extends Kind> = (data: StreamEvents[K]) => void

export interface Stream {
  /** Whether the server is there; null until that is known. */
  online: Readonly<Ref<boolean | null>>
  on<K extends Kind>(kind: K, listener: Listener<K>): void
  reconnect(): void
}

const retryAfter = 1500 // ms

/** useStream holds one connection open, and opens it again whenever it breaks. */
export function useStream(url: string): Stream {
  const online = ref<boolean | null>(null)
  const listeners: { [K in Kind]: Set<Listener<K>> } = { hello: new Set(), trace: new Set(), touched: new Set(), world: new Set() }
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  function listen<K extends Kind>(from: EventSource, kind: K) {
    from.addEventListener(kind, (event) => {
      if (kind === 'hello') online.value = true
      const data = JSON.parse((event as MessageEvent<string>).data) as StreamEvents[K]
      for (const listener of listeners[kind]) listener(data)
    })
  }

  function connect() {
    clearTimeout(timer)
    source?.close()
    source = new EventSource(url)
    for (const kind of Object.keys(listeners) as Kind[]) listen(source, kind)
    source.onerror = () => {
      online.value = false
      source?.close()
      clearTimeout(timer)
      timer = setTimeout(connect, retryAfter)
    }
  }

  connect()
  onScopeDispose(() => {
    clearTimeout(timer)
    source?.close()
  })
  return {
    online: readonly(online),
    on(kind, listener) {
      listeners[kind].add(listener)
      onScopeDispose(() => listeners[kind].delete(listener), true)
    },
    reconnect: connect,
  }
}
