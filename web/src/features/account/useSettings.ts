import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { DialogPlugin, MessagePlugin } from 'tdesign-vue-next'
import { computed, ref, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, ApiError, result, type Schemas } from '@/api/client'
import { useAccess } from '@/composables/useAccess'
import { useErrors } from '@/composables/useErrors'
import { useUnsaved } from '@/composables/useUnsaved'

export type Settings = Schemas['AccountSettings']
export type Part = 'profile' | 'assignment' | 'scope' | 'service' | 'hours' | 'survey' | 'other'

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
}

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
      if (err instanceof ApiError && err.reason === 'stale') await conflict()
      else problem.value = errorText(err)
    } finally {
      saving.value = false
    }
  }

  // conflict shows that somebody was first, and lets one take theirs or save over it.
  async function conflict() {
    const fresh = await options.load()
    const theirs = options.take(fresh)
    if (same(theirs, seen.value)) {
      await put(fresh.version).catch((err: unknown) => (problem.value = errorText(err))) // they changed something else
      return
    }
    await new Promise<void>((resolve) => {
      const dialog = DialogPlugin.confirm({
        header: t('account.conflict.title'),
        body: t('account.conflict.body'),
        theme: 'warning',
        confirmBtn: { content: t('account.conflict.overwrite'), theme: 'danger' },
        cancelBtn: t('account.conflict.theirs'),
        onConfirm: () => {
          dialog.hide()
          void put(fresh.version).catch((err: unknown) => (problem.value = errorText(err)))
        },
        onCancel: () => {
          show(fresh)
          dialog.hide()
        },
        onClosed: () => {
          dialog.destroy()
          resolve()
        },
      })
    })
  }

  useUnsaved(dirty)
  return {
    draft, dirty, saving, problem, save,
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
