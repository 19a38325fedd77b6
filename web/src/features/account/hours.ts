import type { Schemas } from '@/api/client'

export interface PreviewDay {
  date: Date
  spans: { from: string; to: string }[]
  /** holiday, make-up workday, a single day's own hours, or what the week says. */
  why: 'holiday' | 'makeup' | 'own' | 'week'
  name: string
}

export const dayKey = (date: Date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`

/** preview says when each of the coming days is open, as the server decides it: single days first, then the calendar, then the week. */
export function preview(hours: Schemas['WorkHoursBody'], calendar: Schemas['CalendarDay'][], from: Date, days: number): PreviewDay[] {
  const own = new Map(hours.days.map((d) => [d.day, d.spans]))
  const official = new Map(calendar.map((d) => [d.day, d]))
  return Array.from({ length: days }, (_, i) => {
    const date = new Date(from.getFullYear(), from.getMonth(), from.getDate() + i)
    const key = dayKey(date)
    const alone = own.get(key)
    if (alone) return { date, spans: alone, why: 'own', name: '' }
    const day = hours.holidays ? official.get(key) : undefined
    if (day && !day.work) return { date, spans: [], why: 'holiday', name: day.name }
    const week = hours.week[date.getDay()] ?? []
    // A make-up workday has the hours of a workday: the first of the week that has any.
    if (day?.work && !week.length) return { date, spans: [1, 2, 3, 4, 5].map((d) => hours.week[d] ?? []).find((s) => s.length) ?? [], why: 'makeup', name: day.name }
    return { date, spans: week, why: day?.work ? 'makeup' : 'week', name: day?.name ?? '' }
  })
}
