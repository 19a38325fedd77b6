import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { MessagePlugin } from 'tdesign-vue-next'
import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, ApiError, result, type Schemas } from '@/api/client'
import { useAccess } from '@/composables/useAccess'
import { useErrors } from '@/composables/useErrors'
import { useUnsaved } from '@/composables/useUnsaved'
import { collides, merge } from './merge'

export type Settings = Schemas['AccountSettings']
export type Part = 'profile' | 'assignment' | 'scope' | 'service' | 'hours' | 'survey' | 'retention' | 'group' | 'other'

export const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** Draft is a part of the settings as somebody is changing it. */
export interface Draft<T> {
  draft: Ref<T | undefined>
  pending: Readonly<Ref<boolean>>
  loadError: Readonly<Ref<unknown>>
  reload(): void
  dirty: Readonly<Ref<boolean>>
  saving: Readonly<Ref<boolean>>
  problem: Readonly<Ref<string>>
  save(): Promise<void>
  reset(): void
  /** conflict is somebody who saved first, until one says what shall become of it. */
  conflict: Readonly<Ref<Conflict | undefined>>
  settle(choice: 'theirs' | 'mine' | 'merge' | 'later'): Promise<void>
  /** kept is what one had written, while one looks at what somebody else saved. */
  kept: Readonly<Ref<{ saved?: Saved } | undefined>>
  restore(): void
}

type Saved = Schemas['SaverView']

/** Conflict says who was first, and whether both changed the same. */
export interface Conflict {
  saved?: Saved
  collides: boolean
}

/** settingsQuery reads the account's settings. */
export const settingsQuery = (key: Readonly<Ref<string | undefined>>) => ({
  queryKey: computed(() => ['settings', key.value, 'all']),
  queryFn: () => result(api.GET('/api/v1/accounts/{account}/settings', { params: { path: { account: key.value ?? '' } } })),
})

/** useDraft holds a part of what a query loads while somebody changes it, saves it against the version that was seen, and asks where somebody else was first. */
export function useDraft<D extends { version: number }, T>(options: {
  key: string
  load: () => Promise<D>
  take: (data: D) => T
  put: (draft: T, version: number) => Promise<D>
}): Draft<T> {
  const { t } = useI18n()
  const { key } = useAccess()
  const { errorText } = useErrors()
  const queries = useQueryClient()
  const queryKey = computed(() => ['settings', key.value, options.key])
  const query = useQuery({ queryKey, queryFn: options.load })
  const draft = ref<T>() as Ref<T | undefined>
  const seen = ref<T>() as Ref<T | undefined>
  const version = ref(0)
  const saving = ref(false)
  const problem = ref('')
  const conflict = shallowRef<Conflict & { fresh: D }>()
  const kept = shallowRef<{ draft: T; saved?: Saved }>()
  const dirty = computed(() => draft.value !== undefined && !same(draft.value, seen.value))

  function show(data: D) {
    seen.value = copy(options.take(data))
    draft.value = copy(options.take(data))
    version.value = data.version
    problem.value = ''
  }
  // What comes while somebody writes must not take it away: the next save tells of it.
  watch(query.data, (data) => data && !dirty.value && show(data as D), { immediate: true })

  async function put(over: number) {
    const data = await options.put(draft.value as T, over)
    queries.setQueryData(queryKey.value, data)
    show(data)
    void queries.invalidateQueries({ queryKey: ['settings', key.value] })
    void queries.invalidateQueries({ queryKey: ['me'] })
    void MessagePlugin.success(t('common.saved'))
  }

  async function save() {
    if (!dirty.value || saving.value) return
    saving.value = true
    problem.value = ''
    try {
      await put(version.value)
    } catch (err) {
      if (!(err instanceof ApiError) || err.reason !== 'stale') problem.value = errorText(err)
      else await meet(err).catch((error: unknown) => (problem.value = errorText(error)))
    } finally {
      saving.value = false
    }
  }

  // meet looks what somebody who was first saved; what they changed elsewhere is no conflict.
  async function meet(err: ApiError) {
    const fresh = await options.load()
    const theirs = options.take(fresh)
    if (same(theirs, seen.value)) {
      await put(fresh.version)
      return
    }
    const saved = (err.body as { saved?: Saved } | undefined)?.saved
    conflict.value = { saved, fresh, collides: collides(seen.value, theirs, draft.value) }
  }

  async function settle(choice: 'theirs' | 'mine' | 'merge' | 'later') {
    const met = conflict.value
    conflict.value = undefined
    if (!met || choice === 'later') return
    const { fresh } = met
    if (choice === 'theirs') {
      kept.value = { draft: draft.value as T, saved: met.saved }
      queries.setQueryData(queryKey.value, fresh)
      show(fresh)
    } else if (choice === 'merge') {
      const merged = merge(seen.value, options.take(fresh), draft.value)
      show(fresh)
      draft.value = copy(merged) as T
      void MessagePlugin.info(t('account.conflict.merged'))
    } else {
      saving.value = true
      await put(fresh.version).catch((error: unknown) => (problem.value = errorText(error)))
      saving.value = false
    }
  }

  function restore() {
    if (kept.value) draft.value = copy(kept.value.draft)
    kept.value = undefined
  }

  useUnsaved(computed(() => dirty.value || kept.value !== undefined))
  return {
    draft, dirty, saving, problem, save, settle, restore,
    conflict, kept,
    pending: query.isPending,
    loadError: query.error,
    reload: () => void query.refetch(),
    reset: () => query.data.value && show(query.data.value as D),
  }
}

/** useSettings is one part of the account's settings. */
export function useSettings<P extends Part>(part: P): Draft<Settings[P]> {
  const { key } = useAccess()
  const path = () => ({ account: key.value ?? '' })
  return useDraft<Settings, Settings[P]>({
    key: 'all',
    load: () => result(api.GET('/api/v1/accounts/{account}/settings', { params: { path: path() } })),
    take: (data) => data[part],
    // Each part has an address of its own, of the same shape.
    put: (draft, version) =>
      result(
        api.PUT(`/api/v1/accounts/{account}/settings/${part}` as '/api/v1/accounts/{account}/settings/other', {
          params: { path: path(), header: { 'If-Match': `"${version}"` } },
          body: draft as Settings['other'],
        }),
      ),
  })
}
