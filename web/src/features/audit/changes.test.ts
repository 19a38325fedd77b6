import { describe, expect, it } from 'vitest'
import { changes } from './changes'

describe('changes', () => {
  it('shows what differs, in both forms', () => {
    expect(changes({ capacity: 3, hours: { from: '9' }, tags: ['a'] }, { capacity: 5, hours: { from: '9' }, tags: ['a', 'b'] })).toEqual([
      { path: 'capacity', before: '3', after: '5' },
      { path: 'tags', before: 'a', after: 'a、b' },
    ])
  })

  it('shows all of what is new or gone', () => {
    expect(changes(undefined, { name: 'x', on: false })).toEqual([
      { path: 'name', after: 'x' },
      { path: 'on', after: 'false' },
    ])
    expect(changes({ list: [{ a: 1 }] }, undefined)).toEqual([{ path: 'list.0.a', before: '1' }])
  })

  it('leaves out what says nothing', () => {
    expect(changes(undefined, { Filter: { AccountID: 7, Seat: '', FromMS: 0, Employee: 'wang' } })).toEqual([{ path: 'Filter.Employee', after: 'wang' }])
  })

  it('shows a field that came or went', () => {
    expect(changes({ a: 1 }, { b: 2 })).toEqual([
      { path: 'a', before: '1' },
      { path: 'b', after: '2' },
    ])
  })

  it('takes a text for itself and nothing for nothing', () => {
    expect(changes(undefined, 'words')).toEqual([{ path: '', after: 'words' }])
    expect(changes(undefined, undefined)).toEqual([])
  })
})
