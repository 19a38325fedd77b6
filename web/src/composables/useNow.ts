import { onScopeDispose, ref, type Ref } from 'vue'

/** useNow is the time, renewed every so often while somebody looks. */
export function useNow(everyMs: number): Ref<number> {
  const now = ref(Date.now())
  const tick = () => {
    if (!document.hidden) now.value = Date.now()
  }
  const timer = setInterval(tick, everyMs)
  document.addEventListener('visibilitychange', tick)
  onScopeDispose(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', tick)
  })
  return now
}
