/** How long something took or takes, in the largest unit that says it. */
export function duration(ms: number): { unit: 'seconds' | 'minutes' | 'hours' | 'days'; n: number } {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return { unit: 'seconds', n: seconds }
  if (seconds < 3600) return { unit: 'minutes', n: Math.floor(seconds / 60) }
  if (seconds < 86_400) return { unit: 'hours', n: Math.floor(seconds / 3600) }
  return { unit: 'days', n: Math.floor(seconds / 86_400) }
}

const two = (n: number) => String(n).padStart(2, '0')
const hhmm = (at: Date) => `${two(at.getHours())}:${two(at.getMinutes())}`

/** clockOf is the time of the day, as on a clock. Every line has one, and Intl would take longer than all else of a line. */
export const clockOf = (instant: string): string => hhmm(new Date(instant))

/** exactOf is the whole time, for where somebody looks closer. */
export function exactOf(instant: string): string {
  const at = new Date(instant)
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${hhmm(at)}:${two(at.getSeconds())}`
}

/** dayNo tells the days in the browser's time zone apart. */
export function dayNo(instant: string | number): number {
  const at = new Date(instant)
  return Math.floor((at.getTime() - at.getTimezoneOffset() * 60_000) / 86_400_000)
}
