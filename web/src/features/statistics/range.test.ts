import { describe, expect, it } from 'vitest'
import { dayIn, daysOf } from './range'

const night = new Date('2026-11-22T17:30:00Z') // the 23rd in Shanghai

describe('dayIn', () => {
  it.each([
    ['Asia/Shanghai', 0, '2026-11-23'],
    ['UTC', 0, '2026-11-22'],
    ['America/New_York', 30, '2026-10-23'],
  ])('in %s %i days ago is %s', (zone, ago, day) => {
    expect(dayIn(zone, night, ago)).toBe(day)
  })
  it('goes by the browser where the zone is unknown', () => {
    expect(dayIn('Mars/Olympus', night)).toBe(dayIn('', night))
  })
})

describe('daysOf', () => {
  const asked = { period: '', from: '', to: '' }
  it.each([
    [{ ...asked, period: 'today' }, '2026-11-23', '2026-11-23'],
    [{ ...asked, period: 'yesterday' }, '2026-11-22', '2026-11-22'],
    [{ ...asked, period: 'days30' }, '2026-10-25', '2026-11-23'],
    [asked, '2026-11-17', '2026-11-23'],
    [{ ...asked, from: '2026-02-01', to: '2026-02-28' }, '2026-02-01', '2026-02-28'],
    [{ ...asked, from: '2026-02-28', to: '2026-02-01' }, '2026-11-17', '2026-11-23'],
    [{ ...asked, from: 'yesterday', to: '2026-02-31x' }, '2026-11-17', '2026-11-23'],
    [{ ...asked, from: '2020-01-01', to: '2026-01-01' }, '2024-01-02', '2026-01-01'],
  ])('%o is from %s to %s', (from, first, last) => {
    expect(daysOf(from, 'Asia/Shanghai', night)).toEqual({ from: first, to: last })
  })
})
