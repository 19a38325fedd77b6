import { createI18n } from 'vue-i18n'
import en from './en.json'
import zhCN from './zh-CN.json'
import { rememberLocale, rememberedLocale, type Locale, type Texts } from './choice'

export { locales, rememberLocale, type Locale, type Texts } from './choice'

/** createLocale makes the texts. Chinese is the source, and speaks where nobody chose. */
export function createLocale(locale: Locale = rememberedLocale() ?? 'zh-CN') {
  document.documentElement.lang = locale
  return createI18n<false>({ legacy: false, locale, fallbackLocale: 'zh-CN', messages: { 'zh-CN': zhCN, en } })
}

export type I18n = ReturnType<typeof createLocale>

const files = import.meta.glob<Texts>('../features/*/locales/*.json', { import: 'default' })

const pathOf = (feature: string, locale: Locale) => `../features/${feature}/locales/${locale}.json`

/** featureTexts loads the texts of features when they are needed, in the language that is spoken. */
export function featureTexts(i18n: I18n) {
  const wanted = new Set<string>()
  const there = new Set<string>()

  async function fetch(feature: string, locale: Locale) {
    const path = pathOf(feature, locale)
    const file = files[path]
    if (file && !there.has(path)) add(feature, locale, await file())
  }

  function add(feature: string, locale: Locale, texts: Texts) {
    i18n.global.setLocaleMessage(locale, { ...i18n.global.getLocaleMessage(locale), ...texts }) // merging would copy every text
    there.add(pathOf(feature, locale))
  }

  return {
    /** add takes the texts of a feature that are there already. */
    add,
    /** load resolves when a feature's texts are there. */
    load(feature: string): Promise<void> {
      wanted.add(feature)
      return fetch(feature, i18n.global.locale.value as Locale)
    },
    /** speak changes the language, once the texts of all features so far are there. */
    async speak(locale: Locale): Promise<void> {
      await Promise.all([...wanted].map((feature) => fetch(feature, locale)))
      i18n.global.locale.value = locale
      rememberLocale(locale)
    },
  }
}

export type FeatureTexts = ReturnType<typeof featureTexts>
