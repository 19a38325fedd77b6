import { createI18n } from 'vue-i18n'
import en from './en.json'
import zhCN from './zh-CN.json'

export const locales = ['zh-CN', 'en'] as const
export type Locale = (typeof locales)[number]

const key = 'deskmate.locale'

function remembered(): Locale {
  try {
    const kept = localStorage.getItem(key)
    if (locales.includes(kept as Locale)) return kept as Locale
  } catch {
    // A browser that keeps nothing speaks Chinese.
  }
  return 'zh-CN'
}

/** createLocale makes the texts. Chinese is the source, and speaks where nobody chose. */
export function createLocale(locale: Locale = remembered()) {
  document.documentElement.lang = locale
  return createI18n({ legacy: false, locale, fallbackLocale: 'zh-CN', messages: { 'zh-CN': zhCN, en } })
}

export function rememberLocale(locale: Locale) {
  document.documentElement.lang = locale
  try {
    localStorage.setItem(key, locale)
  } catch {
    // Then it is forgotten with the page.
  }
}
