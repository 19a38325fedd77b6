import { QueryClient, useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useRoute } from 'vue-router'
import { api, result, type Schemas } from '@/api/client'
import type { operations } from '@/api/schema'

/** Operation is the id of an operation of the API: what one may do is what one may call. */
export type Operation = keyof operations

/** Me is who is signed in, and what the server's one table of routes allows them. */
export type Me = Schemas['CallerView']
export type MyAccount = Schemas['MyAccountView']

const meQuery = {
  queryKey: ['me'],
  queryFn: (): Promise<Me> => result(api.GET('/api/v1/me')),
  staleTime: 60_000,
}

/** whoAmI answers from memory where it is fresh. It throws an ApiError of status 401 for nobody. */
export function whoAmI(client: QueryClient): Promise<Me> {
  return client.fetchQuery({ ...meQuery, retry: false })
}

/** allowed reports whether one may do something to an account, or outside of all. */
export function allowed(me: Me | undefined, operation: Operation, account?: string): boolean {
  if (!me) return false
  if (me.may.includes(operation)) return true
  return account !== undefined && (me.accounts.find((a) => a.key === account)?.may.includes(operation) ?? false)
}

/** useAccess says who is here and what they may do to the account that the address names. */
export function useAccess() {
  const route = useRoute()
  const { data: me } = useQuery(meQuery)
  const key = computed(() => (typeof route.params.account === 'string' ? route.params.account : undefined))
  return {
    me,
    /** key is the account in the address; undefined on pages of the installation. */
    key,
    account: computed(() => me.value?.accounts.find((a) => a.key === key.value)),
    may: (operation: Operation) => allowed(me.value, operation, key.value),
  }
}
