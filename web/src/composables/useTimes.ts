import { useI18n } from 'vue-i18n'

// Making a format takes far longer than using it.
const formats = new Map<string, Intl.DateTimeFormat>()

/** useTimes writes times as people say them, in the browser's time zone. */
export function useTimes() {
  const { locale } = useI18n()

  function format(at: Date, options: Intl.DateTimeFormatOptions): string {
    const name = `${locale.value} ${JSON.stringify(options)}`
    let found = formats.get(name)
    if (!found) {
      found = new Intl.DateTimeFormat(locale.value, { hourCycle: 'h23', ...options })
      formats.set(name, found)
    }
    return found.format(at)
  }

  const clock: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' }

  function told(instant: string, now = new Date()): string {
    if (!instant) return ''
    const at = new Date(instant)
    const days = Math.round((midnight(now) - midnight(at)) / 86_400_000)
    if (days === 0) return `${new Intl.RelativeTimeFormat(locale.value, { numeric: 'auto' }).format(0, 'day')} ${format(at, clock)}`
    return format(at, { year: at.getFullYear() === now.getFullYear() ? undefined : 'numeric', month: 'numeric', day: 'numeric', ...clock })
  }

  return {
    /** told is a time within a sentence: with its day, be it today. */
    told,
    /** exact is the whole time, for where somebody looks closer. */
    exact: (instant: string) => (instant ? format(new Date(instant), { year: 'numeric', month: '2-digit', day: '2-digit', ...clock, second: '2-digit' }) : ''),
    /** said is short: the time today, the day before, else the date. */
    said(instant: string, now = new Date()): string {
      if (!instant) return ''
      const at = new Date(instant)
      const days = Math.round((midnight(now) - midnight(at)) / 86_400_000)
      if (days === 0) return format(at, clock)
      if (days === 1) return `${new Intl.RelativeTimeFormat(locale.value, { numeric: 'auto' }).format(-1, 'day')} ${format(at, clock)}`
      if (at.getFullYear() === now.getFullYear()) return format(at, { month: 'numeric', day: 'numeric', ...clock })
      return format(at, { year: 'numeric', month: 'numeric', day: 'numeric' })
    },
  }
}

const midnight = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime()
