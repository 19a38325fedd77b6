import { useQueryClient } from '@tanstack/vue-query'
import { MessagePlugin } from 'tdesign-vue-next'
import { computed } from 'vue'
import { api, result, type Schemas } from '@/api/client'
import { useAccess } from '@/composables/useAccess'
import { useErrors } from '@/composables/useErrors'

export type Entry = Schemas['EntryView']
export type GroupNode = Schemas['GroupNode']

/** useKnowledge is the account whose knowledge a page is about, and what every page does with it. */
export function useKnowledge() {
  const { key, may } = useAccess()
  const client = useQueryClient()
  const { errorText } = useErrors()
  const account = computed(() => key.value ?? '')
  return {
    account,
    may,
    base: computed(() => `/a/${account.value}/knowledge`),
    path: computed(() => ({ account: account.value })),
    /** refresh reads anew all that an edit of the base may have changed. */
    refresh: () => client.invalidateQueries({ queryKey: ['knowledge', account.value] }),
    /** attempt does something, says why it failed, and gives undefined then. */
    async attempt<T>(act: () => Promise<T>): Promise<T | undefined> {
      try {
        return await act()
      } catch (err) {
        void MessagePlugin.error({ content: errorText(err), duration: 6000 })
        return undefined
      }
    },
  }
}

/** asForm sends what openapi-fetch takes for JSON as a form with a file. */
const asForm = (fields?: object) => {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields ?? {})) form.append(name, value instanceof Blob ? value : String(value))
  return form
}

/** uploadImport sends a knowledge file to be checked. */
export const uploadImport = (account: string, file: File, replace: boolean) =>
  result(api.POST('/api/v1/accounts/{account}/imports', { params: { path: { account } }, body: { file: file as unknown as string, replace }, bodySerializer: asForm }))

/** uploadMedia stores a picture or file for answers. */
export const uploadMedia = (account: string, file: File) =>
  result(api.POST('/api/v1/accounts/{account}/media', { params: { path: { account } }, body: { file: file as unknown as string }, bodySerializer: asForm }))
