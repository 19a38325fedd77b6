import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, result, type Schemas } from '@/api/client'
import { useAccess } from '@/composables/useAccess'

export type GroupBot = Schemas['GroupBotView']

const soon = 2000 // ms: somebody has just bound it, or mends something at WeCom
const later = 15_000

/** useGroupBot is the account's AI bot and how it goes with it, looked at again until it is up. */
export function useGroupBot() {
  const { key } = useAccess()
  return useQuery({
    queryKey: ['settings', key, 'group-bot'],
    queryFn: ({ signal }) => result(api.GET('/api/v1/accounts/{account}/group-bot', { params: { path: { account: key.value ?? '' } }, signal })),
    enabled: computed(() => key.value !== undefined),
    refetchInterval: (query) => {
      const state = query.state.data?.state
      return state === 'none' ? false : state === 'up' ? later : soon
    },
    staleTime: 0,
  })
}
