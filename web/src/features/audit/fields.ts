import { useI18n } from 'vue-i18n'
import { useTimes } from '@/composables/useTimes'

const units = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000], ['second', 1000]] as const

// What the settings keep as how long something takes, and in which unit.
const nanoseconds = /^(timers\.\w+|queue\.timeout|survey\.(quiet|expires))$/
const milliseconds = /^bot\.(follow_up|idle_after)$/

/** useFields says what an entry of the audit log changed, as the pages call it where it is changed. */
export function useFields() {
  const { t, te, locale } = useI18n()
  const { exact } = useTimes()

  /** field is what a path is called, from the part to what is in it. */
  function field(path: string): string {
    const parts = path.split('.').filter((part) => !/^\d+$/.test(part))
    const own = (part: string, at: number) => (at < parts.length - 1 ? named(`${part}_of`) : named(parts.slice(0, at + 1).join('_')))
    return parts.map((part, at) => own(part, at) ?? named(part) ?? part).join(' · ')
  }
  const named = (name: string) => (te(`audit.field.${name}`) ? t(`audit.field.${name}`) : undefined)

  /** lasting is a time in the largest unit that it is a whole number of. */
  function lasting(ms: number): string {
    if (ms < 0) return t('audit.value.never')
    const [unit, size] = units.find(([, size]) => ms > 0 && ms % size === 0) ?? ['second', 1000]
    return new Intl.NumberFormat(locale.value, { style: 'unit', unit, unitDisplay: 'long' }).format(ms / size)
  }

  function value(path: string, v: string): string {
    if (v === '') return t('audit.blank')
    if (nanoseconds.test(path)) return lasting(Number(v) / 1e6)
    if (milliseconds.test(path)) return lasting(Number(v))
    if (/(MS|_ms|_at)$/.test(path)) return exact(/^\d+$/.test(v) ? new Date(Number(v)).toISOString() : v)
    return te(`audit.value.${v}`) ? t(`audit.value.${v}`) : v
  }

  return { field, value }
}
