import { computed } from 'vue'
import { useRouter, type RouteRecordNormalized } from 'vue-router'
import { allowed, useAccess, type Me } from '@/composables/useAccess'

/** entries are the pages of a group that one may see, in their order. */
export function entries(routes: RouteRecordNormalized[], group: 'account' | 'installation', me: Me | undefined, account?: string) {
  return routes
    .filter((r) => r.meta.nav?.group === group && (!r.meta.may || allowed(me, r.meta.may, account)))
    .sort((a, b) => (a.meta.nav?.order ?? 0) - (b.meta.nav?.order ?? 0))
    .map((r) => ({ path: account ? r.path.replace(':account', account) : r.path, title: r.meta.title ?? '', icon: r.meta.nav?.icon }))
    .map((entry) => ({ ...entry, path: entry.path.replace(/\/:[^/]+\??.*$/, '') }))
}

const last = 'deskmate.account'

/** useNavigation is what the reader's navigation shows: the account in the address, or the last one. */
export function useNavigation() {
  const { me, key } = useAccess()
  const routes = useRouter().getRoutes()
  const current = computed(() => {
    if (key.value) remember(key.value)
    const wanted = key.value ?? recall()
    const mine = me.value?.accounts.filter((a) => a.role !== 'seat' || a.may.length > 0) ?? []
    return mine.find((a) => a.key === wanted) ?? mine[0]
  })
  return {
    me,
    current,
    account: computed(() => (current.value ? entries(routes, 'account', me.value, current.value.key) : [])),
    installation: computed(() => entries(routes, 'installation', me.value)),
  }
}

function remember(key: string) {
  try {
    localStorage.setItem(last, key)
  } catch {
    // Then the first account is shown next time.
  }
}

function recall(): string | undefined {
  try {
    return localStorage.getItem(last) ?? undefined
  } catch {
    return undefined
  }
}
