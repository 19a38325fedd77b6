import { reactive, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/**
 * useQueryState keeps texts in the address, so that a filtered list can be sent to somebody, and
 * is the same after going back. A change replaces the address.
 */
export function useQueryState<K extends string>(keys: readonly K[]): Record<K, string> {
  const route = useRoute()
  const router = useRouter()
  const here = route.path
  const read = (key: K) => {
    const value = route.query[key]
    return typeof value === 'string' ? value : ''
  }
  const state = reactive(Object.fromEntries(keys.map((key) => [key, read(key)]))) as Record<K, string>

  watch(state, () => {
    if (route.path !== here) return
    const query = { ...route.query }
    for (const key of keys) {
      if (state[key]) query[key] = state[key]
      else delete query[key]
    }
    void router.replace({ query })
  })
  watch(
    () => route.query,
    () => {
      if (route.path !== here) return
      for (const key of keys) if (state[key] !== read(key)) state[key] = read(key)
    },
  )
  return state
}
