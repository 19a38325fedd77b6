import { QueryClient } from '@tanstack/vue-query'
import type { Router } from 'vue-router'
import { ApiError } from '@/api/client'

/** makeQueries keeps what the server said. */
export function makeQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // What the server refuses it refuses again; a network may come back.
        retry: (times, err) => !(err instanceof ApiError && err.status > 0 && err.status < 500) && times < 3,
        refetchOnWindowFocus: true,
      },
    },
  })
}

/** signInWhenAsked leads who is no longer signed in to where one is, and back afterwards. */
export function signInWhenAsked(queries: QueryClient, router: Router) {
  queries.getQueryCache().subscribe((event) => {
    if (event.type !== 'updated' || event.action.type !== 'error') return
    const err: unknown = event.query.state.error
    const here = router.currentRoute.value
    if (err instanceof ApiError && err.status === 401 && here.meta.layout !== 'bare') void router.push({ path: '/login', query: { to: here.fullPath } })
  })
}
