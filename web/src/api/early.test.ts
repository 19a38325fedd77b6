import { afterEach, describe, expect, it, vi } from 'vitest'
import { earlyAnswers, taken } from './early'

const request = (path: string, init?: RequestInit) => new Request(new URL(path, location.href), init)
const asked = (path: string, at: number) =>
  vi.stubGlobal('deskmateEarly', new Map([[new URL(path, location.href).href, { answer: Promise.resolve({ res: new Response(null), text: '{"n":1}' }), at }]]))
afterEach(() => vi.unstubAllGlobals())

describe('early answers', () => {
  it('are taken once, by who asks for the same', async () => {
    asked('/api/v1/me', performance.now())
    expect(taken(request('/api/v1/other'))).toBeUndefined()
    expect(taken(request('/api/v1/me', { method: 'POST' }))).toBeUndefined()
    expect(await (await taken(request('/api/v1/me')))?.json()).toEqual({ n: 1 })
    expect(taken(request('/api/v1/me'))).toBeUndefined()
  })

  it('can be read either way', async () => {
    asked('/api/v1/me', performance.now())
    expect(await (await taken(request('/api/v1/me')))?.text()).toBe('{"n":1}')
  })

  it('are waited for, but not for long', async () => {
    vi.useFakeTimers()
    let came: (answer: { res: Response; text: string }) => void = () => {}
    vi.stubGlobal('deskmateEarly', new Map([['/late', { answer: new Promise<{ res: Response; text: string }>((resolve) => (came = resolve)), at: 0 }]]))
    const shown = vi.fn()
    const first = earlyAnswers().then(shown)
    await vi.advanceTimersByTimeAsync(199)
    expect(shown).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    await first
    const second = earlyAnswers().then(shown)
    came({ res: new Response(null), text: '' })
    await second
    expect(shown).toHaveBeenCalledTimes(2)
    vi.useRealTimers()
  })

  it('that fail keep nobody waiting', async () => {
    vi.stubGlobal('deskmateEarly', new Map([['/gone', { answer: Promise.reject(new Error('no network')), at: 0 }]]))
    await expect(earlyAnswers()).resolves.toBeUndefined()
  })

  it('are no news any more after a while', () => {
    asked('/api/v1/me', performance.now() - 11_000)
    expect(taken(request('/api/v1/me'))).toBeUndefined()
  })

  it('are there on one page only', () => expect(taken(request('/api/v1/me'))).toBeUndefined())
})
