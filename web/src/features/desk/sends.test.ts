import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ref } from 'vue'
import { makeSends } from './sends'
import type { Key, Message } from './types'

const key: Key = 'it/1'
const words = { kind: 'reply', type: 'text', after: 3 } as const
const line = (seq: number, text: string, userid = 'li'): Message => ({ seq, from: 'seat', sender: { userid, name: '' }, type: 'text', text, at: '2026-01-05T10:00:00Z' })

interface Asked {
  key: string | null
  text: string
}
let asked: Asked[]
let answers: (() => Response | Promise<Response>)[]
const fine = () => Response.json({ outcome: 'relayed', reason: '' })
const refused = () => Response.json({ error: { code: 'conflict', reason: 'claimed', message: '会话已由其他坐席接待', holder: { userid: 'zhao', name: '赵磊' } } }, { status: 409 })
const away = () => Promise.reject(new TypeError('no network'))

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
  asked = []
  answers = []
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push({ key: request.headers.get('Idempotency-Key'), text: ((await request.json()) as { text: string }).text })
    return (answers.shift() ?? fine)()
  })
})
afterEach(() => vi.useRealTimers())

const sends = () => makeSends(() => 'li', ref(true), () => undefined)
const settle = async (ms = 0) => {
  await flushPromises()
  await vi.advanceTimersByTimeAsync(ms)
  await flushPromises()
}

describe('sends', () => {
  it('go out one after the other and leave the list', async () => {
    const s = sends()
    s.add(key, { ...words, text: '一' })
    s.add(key, { ...words, text: '二' })
    await settle()
    expect(asked.map((a) => a.text)).toEqual(['一', '二'])
    expect(asked[0]?.key).not.toBe(asked[1]?.key)
    expect(s.of(key).value).toEqual([])
    expect(localStorage.getItem('deskmate.desk.sends')).toBeNull()
  })

  it('are tried again with the same key, in their order, until the network is back', async () => {
    answers = [away, away]
    const s = sends()
    s.add(key, { ...words, text: '一' })
    s.add(key, { ...words, text: '二' })
    await settle()
    expect(s.of(key).value.map((x) => x.state)).toEqual(['waiting', 'sending'])
    await settle(5000)
    expect(asked.map((a) => a.text)).toEqual(['一', '一', '一', '二'])
    expect(new Set(asked.slice(0, 3).map((a) => a.key)).size).toBe(1)
    expect(s.of(key).value).toEqual([])
  })

  it('stay where they were refused, and are new when sent again', async () => {
    answers = [refused]
    const s = sends()
    s.add(key, { ...words, text: '一' })
    await settle()
    const [send] = s.of(key).value
    expect(send).toMatchObject({ state: 'failed', reason: 'claimed', holder: '赵磊' })
    if (send) s.retry(key, send)
    await settle()
    expect(asked[0]?.key).not.toBe(asked[1]?.key)
    expect(s.of(key).value).toEqual([])
  })

  it('are known by their lines when the answer was lost, and by nobody else’s', async () => {
    answers = [away]
    const s = sends()
    s.add(key, { ...words, text: '好的' })
    await settle()
    for (const other of [line(4, '好的', 'zhao'), line(3, '好的'), line(4, '不是')]) s.came(key, other)
    expect(s.of(key).value).toHaveLength(1)
    s.came(key, line(5, '好的'))
    expect(s.of(key).value).toEqual([])
    await settle(5000)
    expect(asked).toHaveLength(1)
  })

  it('live on over a reload with their keys', async () => {
    answers = [away]
    const before = sends()
    before.add(key, { ...words, text: '一' })
    await settle()
    const after = sends()
    after.resume()
    await settle()
    expect(asked[1]).toEqual(asked[0])
    const another = makeSends(() => 'zhao', ref(true), () => undefined)
    another.resume()
    expect(another.of(key).value).toEqual([])
  })
})
