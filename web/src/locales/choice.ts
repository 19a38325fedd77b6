export const locales = ['zh-CN', 'en'] as const
export type Locale = (typeof locales)[number]
export interface Texts {
  [key: string]: string | Texts
}

const key = 'deskmate.locale'

/** rememberedLocale is the language that the reader chose in this browser, if any. */
export function rememberedLocale(): Locale | undefined {
  try {
    const kept = localStorage.getItem(key)
    return locales.find((known) => known === kept)
  } catch {
    return undefined
  }
}

export function rememberLocale(locale: Locale) {
  document.documentElement.lang = locale
  try {
    localStorage.setItem(key, locale)
  } catch {
    // Then it is forgotten with the page.
  }
}
