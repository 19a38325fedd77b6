import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, result, type Schemas } from '@/api/client'

export type DeadLetter = Schemas['DeadLetterView']
export type DeadSearch = Schemas['DeadSearch']

/** useDeadLetters is what of an account could not be sent, and what can be done about it. */
export function useDeadLetters(account: Ref<string>, search: Ref<DeadSearch>) {
  const queries = useQueryClient()
  const path = computed(() => ({ account: account.value }))
  const list = useInfiniteQuery({
    queryKey: ['dead-letters', account, search],
    queryFn: ({ pageParam, signal }) =>
      result(api.GET('/api/v1/accounts/{account}/dead-letters', { params: { path: path.value, query: { ...search.value, before: pageParam || undefined, limit: 50 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
  })
  const counts = useQuery({
    queryKey: ['dead-letter-counts', account],
    queryFn: ({ signal }) => result(api.GET('/api/v1/accounts/{account}/dead-letter-counts', { params: { path: path.value }, signal })),
  })
  const changed = () =>
    Promise.all([queries.invalidateQueries({ queryKey: ['dead-letters', account] }), queries.invalidateQueries({ queryKey: ['dead-letter-counts', account] })])

  const named = (items: DeadLetter[]) => items.map(({ id, version }) => ({ id, version }))

  /** each asks again while the server says that more match, as long as that gets it further. */
  async function each(ask: () => Promise<Schemas['DeadDone']>) {
    const total = { done: 0, skipped: 0 }
    for (;;) {
      const some = await ask()
      total.done += some.done
      total.skipped = some.skipped // those that stay are met again
      if (!some.more || some.done === 0) return total
    }
  }

  return {
    list,
    counts,
    read: (id: string) => result(api.GET('/api/v1/accounts/{account}/dead-letters/{id}', { params: { path: { ...path.value, id } } })),
    /** retry sends some again, or all that match. */
    async retry(items: DeadLetter[] | 'all', mayRepeat: boolean) {
      const body = { ...(items === 'all' ? { all: search.value } : { items: named(items) }), may_repeat: mayRepeat }
      try {
        return await each(() => result(api.POST('/api/v1/accounts/{account}/dead-letter-retries', { params: { path: path.value }, body })))
      } finally {
        await changed()
      }
    },
    async discard(items: DeadLetter[] | 'all', reason: string) {
      const body = { ...(items === 'all' ? { all: search.value } : { items: named(items) }), reason }
      try {
        return await each(() => result(api.POST('/api/v1/accounts/{account}/dead-letter-discards', { params: { path: path.value }, body })))
      } finally {
        await changed()
      }
    },
  }
}
