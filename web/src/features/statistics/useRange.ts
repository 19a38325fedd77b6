import { computed, watch } from 'vue'
import type { RouteLocationRaw } from 'vue-router'
import { useAccess } from '@/composables/useAccess'
import { useNow } from '@/composables/useNow'
import { useQueryState } from '@/composables/useQueryState'
import { useStored } from '@/composables/useStored'
import { daysOf, periods } from './range'

/** useRange is the period that is looked at, kept in the address, and where its figures lead. */
export function useRange() {
  const { key, may } = useAccess()
  const state = useQueryState(['period', 'from', 'to', 'seat'] as const)
  // Days begin and end as the server says; it is known with the first answer.
  const zone = useStored<string>('deskmate.zone', '', (v): v is string => typeof v === 'string')
  const now = useNow(60_000)
  const days = computed(() => daysOf(state, zone.value, new Date(now.value)))
  const query = computed(() => ({ ...days.value, seat: state.seat || undefined }))

  return {
    state,
    query,
    /** key of the account, for requests. */
    account: computed(() => key.value ?? ''),
    period: computed(() => periods.find((p) => p === state.period) ?? (state.from && state.to ? 'custom' : 'days7')),
    live: computed(() => query.value.to >= daysOf({ ...state, period: 'today' }, zone.value, new Date(now.value)).to),
    /** heard takes the server's time zone from its answer. */
    heard: (answer: () => { range: { time_zone: string } } | undefined) =>
      watch(answer, (a) => a?.range.time_zone && (zone.value = a.range.time_zone), { immediate: true }),
    /** behind leads to the sessions behind a figure. */
    behind(figure: string, more: { reason?: string; hour?: number; weekday?: number; seat?: string; day?: string } = {}): RouteLocationRaw | undefined {
      if (!may('listStatisticsSessions')) return undefined
      const { reason, hour, weekday, day } = more
      const seat = more.seat ?? query.value.seat
      const span = day ? { from: day, to: day } : days.value
      return { path: `/a/${key.value}/records/figure`, query: { figure, ...span, ...(seat && { seat }), ...(reason && { reason }), ...(hour !== undefined && { hour: String(hour) }), ...(weekday && { weekday: String(weekday) }) } }
    },
  }
}

export type Range = ReturnType<typeof useRange>
