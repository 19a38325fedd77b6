import { inject, type InjectionKey } from 'vue'
import type { FeatureTexts } from '@/locales'

export const textsKey: InjectionKey<FeatureTexts> = Symbol('texts')

/** useTexts is what changes the language. */
export function useTexts(): FeatureTexts {
  const texts = inject(textsKey)
  if (!texts) throw new Error('there are no texts above this component')
  return texts
}
