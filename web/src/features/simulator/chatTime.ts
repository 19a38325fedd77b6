/** chatTime is a message's time as a phone shows it: the day only where it isn't today. */
export function chatTime(at: Date, now: Date, locale: string): string {
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000)
  if (days === 0) return time
  if (days === 1) return `${new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-1, 'day')} ${time}`
  const year = at.getFullYear() === now.getFullYear() ? undefined : 'numeric'
  return `${new Intl.DateTimeFormat(locale, { year, month: 'short', day: 'numeric' }).format(at)} ${time}`
}

function midnight(d: Date): number {
  return new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime()
}
