import { api, result, type Schemas } from '@/api/client'
import { useLoad } from './useLoad'

export type Service = Schemas['ServiceItem']

/** useServices are the accounts that the reader may turn to. */
export function useServices() {
  return useLoad<Service[]>(
    () => 'services',
    async () => (await result(api.GET('/api/v1/my/services'))).items,
  )
}

const folded = (text: string) => text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, '')

/** found are those that a word names: by name or alias, or as either is typed in pinyin. */
export function found(services: Service[], query: string): Service[] {
  const word = folded(query)
  if (!word) return services
  const begins = services.filter((s) => s.words.some((w) => folded(w).startsWith(word)))
  const others = services.filter((s) => !begins.includes(s) && [s.name, s.alias ?? '', s.description ?? ''].some((text) => folded(text).includes(word)))
  return [...begins, ...others]
}
