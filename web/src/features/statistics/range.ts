/** The periods that are chosen with one tap; what is none of them has days of its own. */
export const periods = ['today', 'yesterday', 'days7', 'days30'] as const
export type Period = (typeof periods)[number]

/** Days are local days as 2026-01-31, both included. */
export interface Days {
  from: string
  to: string
}

/** The most days that the server counts at once. */
export const mostDays = 731

const text = (at: Date) => at.toISOString().slice(0, 10)
const isDay = (day: string) => /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day))

/** dayIn is the day that calendars show in a time zone ('': here), so many days ago. */
export function dayIn(zone: string, now: Date, ago = 0): string {
  const options = { year: 'numeric', month: '2-digit', day: '2-digit' } as const
  let parts: Intl.DateTimeFormatPart[]
  try {
    parts = new Intl.DateTimeFormat('en', { ...options, timeZone: zone || undefined }).formatToParts(now)
  } catch {
    parts = new Intl.DateTimeFormat('en', options).formatToParts(now) // a zone that this browser doesn't know
  }
  const of = (type: string) => Number(parts.find((p) => p.type === type)?.value)
  return text(new Date(Date.UTC(of('year'), of('month') - 1, of('day') - ago)))
}

/** daysOf reads what an address says: a period, or days of its own; seven days where it says neither. */
export function daysOf(asked: { period: string; from: string; to: string }, zone: string, now: Date): Days {
  if (asked.period === '' && isDay(asked.from) && isDay(asked.to) && asked.from <= asked.to) {
    const first = text(new Date(Date.parse(asked.to) - (mostDays - 1) * 86_400_000))
    return { from: asked.from < first ? first : asked.from, to: asked.to }
  }
  const day = (ago: number) => dayIn(zone, now, ago)
  switch (asked.period) {
    case 'today':
      return { from: day(0), to: day(0) }
    case 'yesterday':
      return { from: day(1), to: day(1) }
    case 'days30':
      return { from: day(29), to: day(0) }
    default:
      return { from: day(6), to: day(0) }
  }
}
