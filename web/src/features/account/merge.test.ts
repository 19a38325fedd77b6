import { describe, expect, it } from 'vitest'
import { collides, merge } from './merge'

const seen = { name: 'IT', words: ['a'], window: { title: '', url: '' } }

describe('merging', () => {
  it('takes what each changed', () => {
    const theirs = { ...seen, name: '信息', window: { title: '帮助', url: '' } }
    const mine = { ...seen, words: ['b'], window: { title: '', url: 'https://x' } }
    expect(merge(seen, theirs, mine)).toEqual({ name: '信息', words: ['b'], window: { title: '帮助', url: 'https://x' } })
    expect(collides(seen, theirs, mine)).toBe(false)
  })
  it('takes mine where both changed the same, and says so', () => {
    const theirs = { ...seen, name: '信息' }
    const mine = { ...seen, name: '桌面' }
    expect(merge(seen, theirs, mine).name).toBe('桌面')
    expect(collides(seen, theirs, mine)).toBe(true)
    expect(collides(seen, theirs, theirs)).toBe(false)
  })
  it('takes a list as a whole', () => {
    const theirs = { ...seen, words: ['a', 'c'] }
    const mine = { ...seen, words: ['a', 'b'] }
    expect(merge(seen, theirs, mine).words).toEqual(['a', 'b'])
    expect(collides(seen, theirs, mine)).toBe(true)
  })
})
