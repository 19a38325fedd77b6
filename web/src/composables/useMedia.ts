import { onScopeDispose, ref } from 'vue'

/** useMedia follows a media query. */
export function useMedia(query: string) {
  const list = window.matchMedia(query)
  const matches = ref(list.matches)
  const change = () => (matches.value = list.matches)
  list.addEventListener('change', change)
  onScopeDispose(() => list.removeEventListener('change', change))
  return matches
}
