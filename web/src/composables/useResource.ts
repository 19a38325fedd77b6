import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { reasonOf } from '@/api/simulator'

export interface Resource<T> {
  data: ShallowRef<T | undefined>
  pending: Ref<boolean>
  /** The reason of the last failure; '' where there is none. */
  error: Ref<string>
  /** Loads anew. Calls that come while it loads are answered by one more load. */
  load(): Promise<void>
}

/** useResource is something that is loaded, and loaded again when it changed. */
export function useResource<T>(fetcher: () => Promise<T>): Resource<T> {
  const data = shallowRef<T>()
  const pending = ref(false)
  const error = ref('')
  let running: Promise<void> | undefined
  let again = false

  async function run() {
    pending.value = true
    do {
      again = false
      try {
        data.value = await fetcher()
        error.value = ''
      } catch (err) {
        error.value = reasonOf(err)
      }
    } while (again)
    pending.value = false
    running = undefined
  }

  return {
    data,
    pending,
    error,
    load() {
      if (running) again = true
      else running = run()
      return running ?? Promise.resolve()
    },
  }
}
