import { describe, expect, it } from 'vitest'
import { changed, partOf, spanOf } from './figures'

describe('changed', () => {
  it.each([
    ['sessions', 'count', 120, 100, { way: 'up', by: 0.2, good: undefined }],
    ['unserved', 'count', 5, 10, { way: 'down', by: 0.5, good: true }],
    ['good_share', 'share', 0.8, 0.9, { way: 'down', by: 0.1, good: false }],
    ['handoff_rate', 'share', 0.3, 0.3, { way: 'same', by: 0, good: undefined }],
    ['good_share', 'share', 0.5, 0, { way: 'up', by: 0.5, good: true }],
  ] as const)('%s (%s) %d after %d', (key, unit, value, before, want) => {
    const got = changed(key, unit, value, before)
    expect(got).toEqual({ ...want, by: expect.closeTo(want.by, 6) as number })
  })
  it('needs something to compare with', () => {
    expect(changed('sessions', 'count', 3, 0)).toBeUndefined()
    expect(changed('good_share', 'share', 1, undefined)).toBeUndefined()
    expect(changed('good_share', 'share', undefined, 1)).toBeUndefined()
  })
})

describe('spanOf', () => {
  it.each([
    [0, { hours: 0, minutes: 0, seconds: 0 }],
    [1_240, { hours: 0, minutes: 0, seconds: 1.2 }],
    [59_600, { hours: 0, minutes: 1, seconds: 0 }],
    [125_000, { hours: 0, minutes: 2, seconds: 5 }],
    [3_599_999, { hours: 0, minutes: 60, seconds: 0 }],
    [3_600_000, { hours: 1, minutes: 0, seconds: 0 }],
    [9_930_000, { hours: 2, minutes: 46, seconds: 0 }],
  ])('%d ms', (ms, want) => {
    expect(spanOf(ms)).toEqual(want)
  })
})

it('has no share of nothing', () => {
  expect(partOf(1, 4)).toBe(0.25)
  expect(partOf(0, 0)).toBeUndefined()
  expect(partOf(undefined, 4)).toBeUndefined()
})
