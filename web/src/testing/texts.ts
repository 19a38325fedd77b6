import { createI18n } from 'vue-i18n'
import type { Texts } from '@/locales'

const all = import.meta.glob<Texts>(['../locales/*.json', '../features/*/locales/*.json'], { eager: true, import: 'default' })

/** texts are those of every feature together, for tests of components. */
export function texts(locale: 'zh-CN' | 'en' = 'zh-CN') {
  const i18n = createI18n<false>({ legacy: false, locale, messages: {} })
  for (const [path, some] of Object.entries(all)) {
    if (path.endsWith(`/${locale}.json`)) i18n.global.mergeLocaleMessage(locale, some)
  }
  return i18n
}
