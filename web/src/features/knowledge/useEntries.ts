import { useInfiniteQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { api, result, type Schemas } from '@/api/client'
import { useKnowledge } from './useKnowledge'

/** What the list shows; it stands in the address. */
export const views = ['all', 'on', 'off', 'draft', 'stale'] as const
export type View = (typeof views)[number]

export const pageSize = 100

/** useEntries is the list of entries that the address asks for, page by page. */
export function useEntries() {
  const route = useRoute()
  const router = useRouter()
  const { account, path } = useKnowledge()
  const text = (name: string) => computed(() => (typeof route.query[name] === 'string' ? route.query[name] : ''))
  const search = text('text')
  const group = text('group')
  const ungrouped = computed(() => route.query.ungrouped === '1')
  const view = computed<View>(() => views.find((v) => v === route.query.view) ?? 'all')
  // Without a group there is nothing below: that is what the empty name means to a change of many.
  const filter = computed<Schemas['FilterBody']>(() => ({
    ...(ungrouped.value ? { group: '' } : group.value ? { group: group.value } : {}),
    ...(search.value ? { text: search.value } : {}),
    ...(view.value === 'on' || view.value === 'off' ? { state: view.value } : {}),
    ...(view.value === 'draft' ? { draft: true } : {}),
    ...(view.value === 'stale' ? { stale: true } : {}),
  }))

  const list = useInfiniteQuery({
    queryKey: computed(() => ['knowledge', account.value, 'entries', filter.value]),
    queryFn: ({ pageParam, signal }) => {
      const { group: where, draft, ...rest } = filter.value
      return result(
        api.GET('/api/v1/accounts/{account}/entries', {
          params: {
            path: path.value,
            query: {
              ...rest,
              ...(where === '' ? { ungrouped: true } : where ? { group: where } : {}),
              ...(draft ? { draft: 'true' as const } : {}),
              ...(pageParam ? { after: pageParam } : {}),
              limit: pageSize,
            },
          },
          signal,
        }),
      )
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next || undefined,
    // What was there stays until the next is, but never another account's.
    placeholderData: (before, query) => (query?.queryKey[1] === account.value ? before : undefined),
  })

  return {
    list,
    rows: computed(() => list.data.value?.pages.flatMap((page) => page.items ?? []) ?? []),
    search,
    group,
    ungrouped,
    view,
    filter,
    narrowed: computed(() => Object.keys(filter.value).length > 0),
    /** show changes what the address asks for; empty values leave it. */
    show(change: Record<string, string>) {
      const query = Object.fromEntries(Object.entries({ ...route.query, ...change }).filter(([, value]) => value))
      void router.replace({ path: `/a/${account.value}/knowledge`, query })
    },
  }
}
