import { describe, expect, it } from 'vitest'
import { dayKey, preview } from './hours'

const work = [{ from: '09:00', to: '18:00' }]
const hours = { always: false, holidays: true, off: 'queue' as const, off_text: '', week: [[], work, work, work, work, work, []], days: [{ day: '2026-10-09', spans: [] }] }
const calendar = [
  { day: '2026-10-01', name: '国庆节', work: false },
  { day: '2026-10-10', name: '国庆节', work: true },
]

describe('preview', () => {
  it('says why each day is open or closed', () => {
    const days = preview(hours, calendar, new Date(2026, 8, 30), 12).map((d) => `${dayKey(d.date)} ${d.why} ${d.spans.length}`)
    expect(days[0]).toBe('2026-09-30 week 1')
    expect(days[1]).toBe('2026-10-01 holiday 0')
    expect(days[3]).toBe('2026-10-03 week 0') // a Saturday
    expect(days[9]).toBe('2026-10-09 own 0')
    expect(days[10]).toBe('2026-10-10 makeup 1') // a Saturday with a workday's hours
  })

  it('leaves the calendar out where the account does', () => {
    expect(preview({ ...hours, holidays: false }, calendar, new Date(2026, 9, 1), 1)[0]?.why).toBe('week')
  })
})
