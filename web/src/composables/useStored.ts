import { ref, watch, type Ref } from 'vue'

/** useStored is a value that this browser remembers. What it can't read back is the default. */
export function useStored<T>(key: string, initial: T, valid: (value: unknown) => value is T): Ref<T> {
  const value = ref(initial) as Ref<T>
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? 'null')
    if (valid(kept)) value.value = kept
  } catch {
    // A browser that keeps nothing has the default.
  }
  watch(
    value,
    (now) => {
      try {
        localStorage.setItem(key, JSON.stringify(now))
      } catch {
        // Then it is forgotten with the page.
      }
    },
    { deep: true },
  )
  return value
}
