import { shallowRef, watch, type ShallowRef } from 'vue'
import { ApiError } from '@/api/client'
import { signedIn, signIn } from './signIn'

// What was loaded stays until the page is closed, so that going back shows at once what was there.
const kept = new Map<string, unknown>()

export interface Loaded<T> {
  data: ShallowRef<T | undefined>
  /** The failure of the last try; undefined where there was none. */
  error: ShallowRef<unknown>
  pending: ShallowRef<boolean>
  load(): Promise<void>
  /** set changes what is shown, and what is kept. */
  set(value: T): void
}

let leaving = false

/** guarded sends whoever is not signed in to sign in, and never answers them. */
export async function guarded<T>(request: Promise<T>): Promise<T> {
  try {
    const value = await request
    signedIn()
    return value
  } catch (err) {
    // The first of several requests sends the browser away; the others wait for that.
    if (err instanceof ApiError && err.status === 401) leaving ||= signIn()
    if (leaving) return new Promise(() => undefined)
    throw err
  }
}

/** useLoad loads what a key names, and again when the key changes. */
export function useLoad<T>(key: () => string, fetcher: () => Promise<T>): Loaded<T> {
  const data = shallowRef<T>()
  const error = shallowRef<unknown>()
  const pending = shallowRef(false)
  let turn = 0

  async function load() {
    const mine = ++turn
    const of = key()
    pending.value = true
    try {
      const value = await guarded(fetcher())
      kept.set(of, value)
      if (mine !== turn) return
      data.value = value
      error.value = undefined
    } catch (err) {
      if (mine === turn) error.value = err
    }
    if (mine === turn) pending.value = false
  }

  watch(
    key,
    (of) => {
      data.value = kept.get(of) as T | undefined
      error.value = undefined
      void load()
    },
    { immediate: true },
  )

  return {
    data,
    error,
    pending,
    load,
    set(value) {
      kept.set(key(), value)
      data.value = value
    },
  }
}

/** forget is for when somebody else has signed in. */
export const forget = () => kept.clear()
