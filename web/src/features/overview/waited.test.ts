import { describe, expect, it } from 'vitest'
import { waited } from './waited'

describe('waited', () => {
  const at = '2026-11-23T02:10:59Z'
  it.each([
    ['2026-11-23T02:10:00Z', 0],
    ['2026-11-23T02:00:59Z', 10],
    ['2026-11-23T02:11:30Z', 0], // another replica's clock is ahead
  ])('since %s is %d minutes', (since, minutes) => expect(waited(since, at)).toBe(minutes))
  it('is nothing where nobody waits', () => {
    expect(waited(undefined, at)).toBeUndefined()
    expect(waited('', at)).toBeUndefined()
  })
})
