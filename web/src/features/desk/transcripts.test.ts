import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { makeTranscripts } from './transcripts'
import type { Message } from './types'

let there: number
let asked: string[]
const line = (seq: number): Message => ({ seq, from: 'employee', type: 'text', text: `第${seq}条`, at: '2026-01-05T10:00:00Z' })

beforeEach(() => {
  asked = []
  vi.stubGlobal('fetch', async (request: Request) => {
    const query = new URL(request.url).searchParams
    const [after, limit] = [Number(query.get('after')), Number(query.get('limit'))]
    asked.push(`${after}+${limit}`)
    const items = Array.from({ length: Math.max(0, Math.min(limit, there - after)) }, (_, i) => line(after + 1 + i))
    return Response.json({ items })
  })
})

describe('transcripts', () => {
  it('load the end first, the rest where somebody looks, and nothing twice', async () => {
    there = 1000
    const all = makeTranscripts(() => undefined)
    const t = all.open('it/1', 1000)
    await flushPromises()
    expect(asked).toEqual(['900+100'])
    await Promise.all([t.need(450), t.need(460), t.need(950)])
    expect(asked).toEqual(['900+100', '400+100'])
    expect(t.lines.value.get(450)?.text).toBe('第450条')
    all.open('it/1', 1000)
    await flushPromises()
    expect(asked).toHaveLength(2)
  })

  it('fill the gap before a line that was told', async () => {
    there = 10
    const seen: number[] = []
    const t = makeTranscripts((_, m) => seen.push(m.seq)).open('it/1', 10)
    await flushPromises()
    there = 14
    t.take(line(14))
    await flushPromises()
    expect([...t.lines.value.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 14 }, (_, i) => i + 1))
    expect(t.count.value).toBe(14)
    expect(seen).toContain(12)
  })

  it('catch up over several pages', async () => {
    there = 5
    const t = makeTranscripts(() => undefined).open('it/1', 5)
    await flushPromises()
    there = 305
    await t.grow(305)
    expect(t.lines.value.size).toBe(305)
    await t.grow(300)
    expect(t.count.value).toBe(305)
  })
})
