import { api, result } from '@/api/client'
import { fold } from './entryText'
import { useKnowledge } from './useKnowledge'

/** useExtend makes a question a similar one of an entry. It gives false where it was one already. */
export function useExtend() {
  const { path } = useKnowledge()
  return async (id: string, question: string): Promise<boolean> => {
    const params = { path: { ...path.value, id } }
    const entry = await result(api.GET('/api/v1/accounts/{account}/entries/{id}', { params }))
    if ([entry.question, ...(entry.similar ?? [])].some((q) => fold(q) === fold(question))) return false
    await result(api.PUT('/api/v1/accounts/{account}/entries/{id}', { params, body: { ...entry, similar: [...(entry.similar ?? []), question] } }))
    return true
  }
}
