import { afterEach, describe, expect, it, vi } from 'vitest'
import { taken } from './early'

const request = (path: string, init?: RequestInit) => new Request(new URL(path, location.href), init)
const asked = (path: string, at: number) =>
  vi.stubGlobal('deskmateEarly', new Map([[new URL(path, location.href).href, { answer: Promise.resolve(new Response('{"n":1}')), at }]]))
afterEach(() => vi.unstubAllGlobals())

describe('early answers', () => {
  it('are taken once, by who asks for the same', async () => {
    asked('/api/v1/me', performance.now())
    expect(taken(request('/api/v1/other'))).toBeUndefined()
    expect(taken(request('/api/v1/me', { method: 'POST' }))).toBeUndefined()
    expect(await (await taken(request('/api/v1/me')))?.json()).toEqual({ n: 1 })
    expect(taken(request('/api/v1/me'))).toBeUndefined()
  })

  it('are no news any more after a while', () => {
    asked('/api/v1/me', performance.now() - 11_000)
    expect(taken(request('/api/v1/me'))).toBeUndefined()
  })

  it('are there on one page only', () => expect(taken(request('/api/v1/me'))).toBeUndefined())
})
