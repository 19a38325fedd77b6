import { inject, type InjectionKey } from 'vue'
import { createI18n } from 'vue-i18n'
import { locales, rememberLocale, rememberedLocale, type Locale, type Texts } from '@/locales/choice'
import zhCN from './locales/zh-CN.json'

/** spoken is what the reader chose, else what the browser speaks; Chinese where that is neither. */
function spoken(): Locale {
  const chosen = rememberedLocale()
  if (chosen) return chosen
  const wanted = navigator.languages?.find((l) => locales.some((known) => l.slice(0, 2) === known.slice(0, 2)))
  return wanted?.startsWith('en') ? 'en' : 'zh-CN'
}

/** createTexts makes the texts of employees' pages: these pages carry no others. */
export async function createTexts(locale: Locale = spoken()) {
  const i18n = createI18n<false>({ legacy: false, locale: 'zh-CN', fallbackLocale: 'zh-CN', messages: { 'zh-CN': zhCN as Texts } })

  async function speak(to: Locale) {
    if (to === 'en' && !i18n.global.availableLocales.includes('en')) {
      i18n.global.setLocaleMessage('en', (await import('./locales/en.json')).default as Texts)
    }
    i18n.global.locale.value = to
    document.documentElement.lang = to
  }

  try {
    await speak(locale)
  } catch {
    // Without the network for another language it is Chinese.
  }
  return {
    i18n,
    async choose(to: Locale) {
      await speak(to)
      rememberLocale(to)
    },
  }
}

export type H5Texts = Awaited<ReturnType<typeof createTexts>>

export const textsKey: InjectionKey<H5Texts> = Symbol('h5 texts')

/** useTexts is what changes the language. */
export function useTexts(): H5Texts {
  const texts = inject(textsKey)
  if (!texts) throw new Error('there are no texts above this component')
  return texts
}
