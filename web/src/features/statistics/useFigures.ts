import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, result } from '@/api/client'
import { spanOf, type Unit } from './figures'

/** useFigures says figures as people read them, with the names and meanings that the server gives them. */
export function useFigures() {
  const { t, te, n, locale } = useI18n()
  const { data } = useQuery({
    queryKey: ['statistics', 'definitions'],
    queryFn: ({ signal }) => result(api.GET('/api/v1/statistics/definitions', { signal })),
    staleTime: Infinity,
  })
  const known = computed(() => new Map(data.value?.items.map((d) => [d.key, d])))
  const tongue = computed(() => (locale.value.startsWith('zh') ? 'zh' : 'en'))

  function span(ms: number): string {
    const { hours, minutes, seconds } = spanOf(ms)
    const parts = [hours && t('statistics.hours', { n: n(hours) }), minutes && t('statistics.minutes', { n: minutes }), seconds && t('statistics.seconds', { n: n(seconds) })].filter(Boolean)
    return parts.join(' ') || t('statistics.seconds', { n: 0 })
  }
  const percent = (share: number) => n(share, { style: 'percent', maximumFractionDigits: 1 })

  return {
    name: (key: string) => known.value.get(key)?.name[tongue.value] ?? '',
    meaning: (key: string) => known.value.get(key)?.definition[tongue.value] ?? '',
    opens: (key: string) => known.value.get(key)?.sessions ?? false,
    percent,
    /** say writes a value; – where there is none. */
    say(value: number | string | undefined, unit: Unit | 'text'): string {
      if (value === undefined || value === '') return '–'
      if (typeof value === 'string') return value
      return unit === 'share' ? percent(value) : unit === 'ms' ? span(value) : n(value)
    },
    /** label says a reason of the API; one that is not known stays. */
    label: (kind: 'handoff' | 'close', word: string) => (te(`statistics.${kind}.${word}`) ? t(`statistics.${kind}.${word}`) : word),
  }
}
