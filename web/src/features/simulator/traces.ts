import { computed, ref, shallowRef } from 'vue'
import { api, result, type Trace } from '@/api/simulator'
import { useResource } from '@/composables/useResource'
import type { World } from './world'

const keep = 500 // rows

export const traceFilters = ['all', 'callback', 'call', 'failed'] as const
export type TraceFilter = (typeof traceFilters)[number]

export function failed(t: Trace): boolean {
  return t.status !== 200 || (t.errcode ?? 0) !== 0 || t.state === 'failed' || t.state === 'lost'
}

/** useTraces is what went over the wire, newest first. */
export function useTraces(world: World) {
  const rows = shallowRef<Trace[]>([])
  const held = shallowRef<Trace[]>([]) // what came while it was paused
  const paused = ref(false)
  const filter = ref<TraceFilter>('all')
  const search = ref('')
  const cleared = ref(0) // the newest id that was cleared away

  const list = useResource(() => result(api.GET('/sim/v1/traces', { params: { query: { limit: keep } } })))

  function merge(into: Trace[], more: Trace[]): Trace[] {
    const byId = new Map([...into, ...more].map((t) => [t.id, t]))
    return [...byId.values()].sort((a, b) => b.id - a.id).slice(0, keep)
  }

  world.stream.on('hello', async () => {
    await list.load()
    const items = list.data.value?.items ?? []
    const newest = items.at(-1)?.id ?? 0
    if (newest < cleared.value) cleared.value = 0 // another server, which counts anew
    rows.value = merge([], items)
  })
  world.stream.on('trace', (t) => {
    if (paused.value) held.value = merge(held.value, [t])
    else rows.value = merge(rows.value, [t])
  })

  const words = (t: Trace) =>
    [t.name, t.errcode, ...(t.userids ?? []).flatMap((id) => [id, world.nameOf(id)]), world.app(t.agentid ?? 0)?.name]
      .join(' ')
      .toLowerCase()
  const shown = computed(() => {
    const wanted = search.value.trim().toLowerCase()
    return rows.value.filter((t) => {
      if (t.id <= cleared.value) return false
      if (filter.value === 'failed' ? !failed(t) : filter.value !== 'all' && filter.value !== t.kind) return false
      return wanted === '' || words(t).includes(wanted)
    })
  })

  return {
    list,
    rows,
    shown,
    paused,
    held: computed(() => held.value.length),
    filter,
    search,
    togglePause() {
      paused.value = !paused.value
      rows.value = merge(rows.value, held.value)
      held.value = []
    },
    clear() {
      cleared.value = Math.max(cleared.value, ...rows.value.map((t) => t.id), ...held.value.map((t) => t.id))
      held.value = []
    },
    detail: (id: number) => result(api.GET('/sim/v1/traces/{id}', { params: { path: { id } } })),
  }
}

export type Traces = ReturnType<typeof useTraces>
