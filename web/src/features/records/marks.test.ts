import { describe, expect, it } from 'vitest'
import { pieces } from './marks'

describe('pieces', () => {
  it('cuts by characters', () => {
    expect(pieces('😀年假有几天', [{ start: 1, length: 2 }])).toEqual([
      { text: '😀', hit: false },
      { text: '年假', hit: true },
      { text: '有几天', hit: false },
    ])
  })

  it('takes several marks in any order, and none', () => {
    expect(pieces('ab', [{ start: 1, length: 1 }, { start: 0, length: 1 }])).toEqual([
      { text: 'a', hit: true },
      { text: 'b', hit: true },
    ])
    expect(pieces('ab', [])).toEqual([{ text: 'ab', hit: false }])
    expect(pieces('', [])).toEqual([])
  })

  it('passes over marks that make no sense', () => {
    expect(pieces('abc', [{ start: 0, length: 2 }, { start: 1, length: 2 }, { start: 9, length: 1 }])).toEqual([
      { text: 'ab', hit: true },
      { text: 'c', hit: false },
    ])
  })
})
