import { onScopeDispose, ref, type Ref } from 'vue'

/** useNow is the time, renewed every so often while somebody looks. */
export function useNow(everyMs: number): Ref<number> {
  const now = ref(Date.now())
  const tick = () => {
    if (!document.hidden) now.value = Date.now()
  }
  const timer = setInterval(tick, everyMs)
  document.addEventListener('visibilitychange', tick)
  onScopeDispose(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', tick)
  })
  return now
}

/** How long something took or takes, in the largest unit that says it. */
export function duration(ms: number): { unit: 'seconds' | 'minutes' | 'hours' | 'days'; n: number } {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return { unit: 'seconds', n: seconds }
  if (seconds < 3600) return { unit: 'minutes', n: Math.floor(seconds / 60) }
  if (seconds < 86_400) return { unit: 'hours', n: Math.floor(seconds / 3600) }
  return { unit: 'days', n: Math.floor(seconds / 86_400) }
}

const hhmm = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

/** clockOf is the time of the day, as on a clock. */
export const clockOf = (instant: string): string => hhmm.format(new Date(instant))

const whole = new Intl.DateTimeFormat('sv', { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })

/** exactOf is the whole time, for where somebody looks closer. */
export const exactOf = (instant: string): string => whole.format(new Date(instant))

/** dayNo tells the days in the browser's time zone apart. */
export function dayNo(instant: string | number): number {
  const at = new Date(instant)
  return Math.floor((at.getTime() - at.getTimezoneOffset() * 60_000) / 86_400_000)
}
