import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, type EffectScope } from 'vue'
import { keepPresence } from './presence'

let scope: EffectScope
let told: string[]
let hello: () => void

beforeEach(() => {
  vi.useFakeTimers()
  told = []
  scope = effectScope()
  scope.run(() =>
    keepPresence({ active: (a) => told.push(a), on: ((_: string, listener: () => void) => (hello = listener)) as never }, () => ['it', 'hr']),
  )
})
afterEach(() => {
  scope.stop()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('keepPresence', () => {
  it('tells every account that has one as a seat, as soon as the server is there', () => {
    hello()
    expect(told).toEqual(['it', 'hr'])
  })

  it('goes on only while somebody touches the page', () => {
    hello()
    vi.advanceTimersByTime(90_000)
    expect(told).toHaveLength(2)
    window.dispatchEvent(new Event('keydown'))
    vi.advanceTimersByTime(30_000)
    expect(told).toHaveLength(4)
    vi.advanceTimersByTime(30_000)
    expect(told).toHaveLength(4)
  })

  it('says nothing from a page that is not shown, and nothing once it is gone', () => {
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
    hello()
    vi.advanceTimersByTime(60_000)
    expect(told).toEqual([])
    vi.restoreAllMocks()
    scope.stop()
    window.dispatchEvent(new Event('keydown'))
    vi.advanceTimersByTime(60_000)
    expect(told).toEqual([])
  })
})
