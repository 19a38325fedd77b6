import { computed, inject, onScopeDispose, provide, ref, shallowRef, type InjectionKey } from 'vue'
import { api, result, type Clock, type Corp, type Faults } from '@/api/simulator'
import { useResource } from '@/composables/useResource'
import { useStream } from '@/composables/useStream'

const noFaults: Faults = {
  only: '',
  latency_ms: 0,
  status_5xx: 0,
  system_busy: 0,
  over_limit: 0,
  drop_answers: 0,
  untrusted_ip: false,
  callback_delay_ms: 0,
  callback_duplicate: 0,
  callback_reorder: 0,
  callback_lose: 0,
}

/** createWorld is the corp, its clock and what goes wrong in it. */
function createWorld() {
  const stream = useStream('/sim/v1/stream')
  const corp = useResource<Corp>(() => result(api.GET('/sim/v1/corp')))
  const faults = useResource<Faults>(() => result(api.GET('/sim/v1/faults')))

  // The corp's time runs like the browser's, some way off.
  const offset = ref(0)
  const tick = ref(Date.now())
  const timer = setInterval(() => (tick.value = Date.now()), 1000)
  onScopeDispose(() => clearInterval(timer))
  const now = computed(() => new Date(tick.value + offset.value))
  function setClock(clock: Clock) {
    tick.value = Date.now()
    offset.value = Date.parse(clock.now) - tick.value
  }

  const members = computed(() => new Map(corp.data.value?.members.map((m) => [m.userid.toLowerCase(), m])))
  const apps = computed(() => new Map(corp.data.value?.apps.map((a) => [a.agentid, a])))

  stream.on('hello', (clock) => {
    setClock(clock)
    void corp.load()
    void faults.load()
  })
  stream.on('world', (change) => {
    setClock(change.clock)
    void faults.load()
  })
  // Counted faults are used up by calls.
  stream.on('trace', () => {
    if (faultCount.value > 0) void faults.load()
  })

  const faultCount = computed(() => {
    const f = faults.data.value ?? noFaults
    return (Object.keys(noFaults) as (keyof Faults)[]).filter((k) => k !== 'only' && Boolean(f[k])).length
  })

  return {
    stream,
    corp,
    faults,
    faultCount,
    now,
    member: (userid: string) => members.value.get(userid.toLowerCase()),
    app: (agentid: number) => apps.value.get(agentid),
    nameOf: (userid: string) => members.value.get(userid.toLowerCase())?.name ?? userid,
    async setFaults(change: Partial<Faults>) {
      const body = { ...noFaults, ...faults.data.value, ...change }
      faults.data.value = await result(api.PUT('/sim/v1/faults', { body }))
    },
    async clearFaults() {
      faults.data.value = await result(api.PUT('/sim/v1/faults', { body: noFaults }))
    },
    async advance(seconds: number) {
      setClock(await result(api.POST('/sim/v1/clock/advance', { body: { seconds } })))
    },
    async expireTokens() {
      await result(api.POST('/sim/v1/tokens/expire'))
    },
  }
}

export type World = ReturnType<typeof createWorld>
const worldKey: InjectionKey<World> = Symbol('world')

export function provideWorld(): World {
  const world = createWorld()
  provide(worldKey, world)
  return world
}

export function useWorld(): World {
  const world = inject(worldKey)
  if (!world) throw new Error('there is no world above this component')
  return world
}

/** useNotice shows a sentence for a while. */
export function useNotice() {
  const notice = shallowRef('')
  let timer: ReturnType<typeof setTimeout> | undefined
  onScopeDispose(() => clearTimeout(timer))
  return {
    notice,
    say(text: string) {
      notice.value = text
      clearTimeout(timer)
      timer = setTimeout(() => (notice.value = ''), 4000)
    },
  }
}
