import { useQuery } from '@tanstack/vue-query'
import { computed, reactive, toValue, type MaybeRefOrGetter } from 'vue'
import { api, result, type Schemas } from '@/api/client'

export type Setup = Schemas['SetupView']
export type Check = Schemas['CheckView']

/** steps are those of the wizard, in their order. */
export const steps = ['create', 'connect', 'seats', 'knowledge', 'try'] as const
export type Step = (typeof steps)[number]

/** done says which steps are done: of an account, the first always is. */
export function done(setup: Setup | undefined): Record<Step, boolean> {
  const s = setup?.steps
  return { create: setup !== undefined, connect: s?.connected ?? false, seats: s?.seats ?? false, knowledge: s?.knowledge ?? false, try: s?.tried ?? false }
}

/** nextStep is the first that is still to be done; the last where none is. */
export function nextStep(setup: Setup | undefined): Step {
  const is = done(setup)
  return steps.find((s) => !is[s]) ?? 'try'
}

const soon = 2000 // ms: somebody presses buttons at WeCom and looks here
const later = 15_000

/** useSetup is how far an account has come; it looks again every two seconds while watching. */
export function useSetup(account: MaybeRefOrGetter<string | undefined>, watching: MaybeRefOrGetter<boolean> = false) {
  return useQuery({
    queryKey: ['setup', computed(() => toValue(account))],
    queryFn: ({ signal }) => result(api.GET('/api/v1/accounts/{account}/setup', { params: { path: { account: toValue(account) ?? '' } }, signal })),
    enabled: () => toValue(account) !== undefined,
    refetchInterval: () => (toValue(watching) ? soon : false),
    staleTime: 0,
  })
}

/** useChecks runs checks; live ones every two seconds, and less often once all is well. */
export function useChecks(account: MaybeRefOrGetter<string | undefined>, only: string[] = [], live = false) {
  return useQuery({
    queryKey: ['checks', computed(() => toValue(account)), only],
    queryFn: ({ signal }) =>
      result(api.GET('/api/v1/accounts/{account}/checks', { params: { path: { account: toValue(account) ?? '' }, query: only.length ? { only } : {} }, signal })),
    enabled: () => toValue(account) !== undefined,
    refetchInterval: (query) => (!live ? false : query.state.data?.items.every((c) => c.state === 'ok') ? later : soon),
    staleTime: live ? 0 : 30_000,
  })
}

/** worst is the state that says most about many. */
export function worst(checks: Check[]): Check['state'] {
  for (const state of ['failed', 'warn', 'unknown'] as const) if (checks.some((c) => c.state === state)) return state
  return 'ok'
}

interface Shown {
  token?: string
  key?: string
}

// What the server generated, while this page lives: it is shown once, and never told again.
const shown = reactive(new Map<string, Shown>())

export function useGenerated() {
  return {
    of: (account: string): Shown => shown.get(account) ?? {},
    keep(view: Schemas['ConnectedView']) {
      const before = shown.get(view.key) ?? {}
      shown.set(view.key, { token: view.token || before.token, key: view.encoding_aes_key || before.key })
    },
  }
}
