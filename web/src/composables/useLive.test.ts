import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, type EffectScope } from 'vue'
import { useLive, type Live } from './useLive'

class FakeSocket {
  static all: FakeSocket[] = []
  onmessage?: (event: { data: string }) => void
  onclose?: (event: { code: number }) => void
  closed = false
  said: string[] = []
  constructor(readonly url: string) {
    FakeSocket.all.push(this)
  }
  static get newest() {
    return FakeSocket.all.at(-1) as FakeSocket
  }
  tell(event: object) {
    this.onmessage?.({ data: JSON.stringify(event) })
  }
  send(text: string) {
    this.said.push(text)
  }
  close(code = 1006) {
    this.closed = true
    this.onclose?.({ code })
  }
}

let scope: EffectScope
let live: Live
const refused = vi.fn()

beforeEach(() => {
  vi.useFakeTimers()
  FakeSocket.all = []
  refused.mockClear()
  vi.stubGlobal('WebSocket', FakeSocket)
  scope = effectScope()
  live = scope.run(() => useLive('ws://desk/api/v1/live', refused)) as Live
})
afterEach(() => {
  scope.stop()
  vi.useRealTimers()
})

describe('useLive', () => {
  it('tells what it hears to those who listen for it', () => {
    const heard: string[] = []
    live.on('hello', () => heard.push('hello'))
    live.on('gone', (e) => heard.push(e.session))
    expect(live.online.value).toBeNull()
    FakeSocket.newest.tell({ type: 'hello' })
    FakeSocket.newest.tell({ type: 'gone', account: 'it', session: '7' })
    FakeSocket.newest.tell({ type: 'something newer' })
    expect(live.online.value).toBe(true)
    expect(heard).toEqual(['hello', '7'])
  })

  it('says who is active while the server is there', () => {
    live.active('it')
    expect(FakeSocket.newest.said).toEqual([])
    FakeSocket.newest.tell({ type: 'hello' })
    live.active('it')
    expect(FakeSocket.newest.said).toEqual(['{"type":"active","account":"it"}'])
  })

  it('says where the server may not want it any more', () => {
    FakeSocket.newest.tell({ type: 'hello' })
    FakeSocket.newest.close()
    expect(refused).not.toHaveBeenCalled() // a network, or a restart
    vi.advanceTimersByTime(750)
    FakeSocket.newest.close()
    expect(refused).toHaveBeenCalledTimes(1) // no hello
    vi.advanceTimersByTime(1500)
    FakeSocket.newest.tell({ type: 'hello' })
    FakeSocket.newest.close(1008)
    expect(refused).toHaveBeenCalledTimes(2)
  })

  it('comes back after longer and longer pauses, and says hello again', () => {
    const hello = vi.fn()
    live.on('hello', hello)
    FakeSocket.newest.tell({ type: 'hello' })
    FakeSocket.newest.close()
    expect(live.online.value).toBe(false)
    vi.advanceTimersByTime(750)
    expect(FakeSocket.all).toHaveLength(2)
    FakeSocket.newest.close()
    vi.advanceTimersByTime(499)
    expect(FakeSocket.all).toHaveLength(2)
    vi.advanceTimersByTime(1001)
    expect(FakeSocket.all).toHaveLength(3)
    FakeSocket.newest.tell({ type: 'hello' })
    expect(hello).toHaveBeenCalledTimes(2)
    expect(live.online.value).toBe(true)
  })

  it('comes back at once with the network', () => {
    FakeSocket.newest.tell({ type: 'hello' })
    window.dispatchEvent(new Event('offline'))
    expect(live.online.value).toBe(false)
    expect(FakeSocket.all[0]?.closed).toBe(true)
    window.dispatchEvent(new Event('online'))
    expect(FakeSocket.all).toHaveLength(2)
    vi.advanceTimersByTime(60_000)
    expect(FakeSocket.all).toHaveLength(2)
  })

  it('ends with its page', () => {
    scope.stop()
    vi.advanceTimersByTime(60_000)
    window.dispatchEvent(new Event('online'))
    expect(FakeSocket.all).toHaveLength(1)
    expect(FakeSocket.newest.closed).toBe(true)
  })
})
