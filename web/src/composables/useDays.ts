/** dayBegin is when a day (2026-01-31) begins here; undefined for ''. */
export function dayBegin(day: string): string | undefined {
  const at = new Date(`${day}T00:00:00`)
  return day && !Number.isNaN(at.getTime()) ? at.toISOString() : undefined
}

/** dayEnd is when the day after it begins: what lies before that lies in the day or before it. */
export function dayEnd(day: string): string | undefined {
  const begin = dayBegin(day)
  if (!begin) return undefined
  const at = new Date(begin)
  at.setDate(at.getDate() + 1)
  return at.toISOString()
}
