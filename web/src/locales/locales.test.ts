import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import type { Texts } from '.'

const src = join(import.meta.dirname, '..')
const read = (...path: string[]) => readFileSync(join(src, ...path), 'utf8')

function keys(texts: Texts, before = ''): string[] {
  return Object.entries(texts).flatMap(([key, text]) => (typeof text === 'string' ? before + key : keys(text, `${before}${key}.`)))
}

function sorted(texts: Texts): boolean {
  const names = Object.keys(texts)
  return names.join() === [...names].sort().join() && Object.values(texts).every((t) => typeof t === 'string' || sorted(t))
}

const source = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(vue|ts)$/.test(name) && !name.endsWith('.test.ts'))
  .map((name) => read(name))
  .join('\n')

// What code makes of a word and a value: t(`trace.name.${…}`).
const made = [...source.matchAll(/[`']((?:[a-z]\w*\.)+)\$\{/gi)].map((m) => m[1] ?? '')

const folders = ['locales', ...readdirSync(join(src, 'features')).map((name) => `features/${name}/locales`)].filter((folder) => {
  try {
    return readdirSync(join(src, folder)).includes('zh-CN.json')
  } catch {
    return false // a feature without texts of its own
  }
})
const texts = (folder: string, locale: string) => JSON.parse(read(folder, `${locale}.json`)) as Texts

describe.each(folders)('%s', (folder) => {
  const zhCN = texts(folder, 'zh-CN')
  const en = texts(folder, 'en')

  it('is the same in every language', () => {
    expect(keys(en)).toEqual(keys(zhCN))
  })

  it('is sorted', () => {
    expect(sorted(zhCN)).toBe(true)
    expect(sorted(en)).toBe(true)
  })

  // An @ or a { that means itself breaks a text for its readers alone.
  it.each(['zh-CN', 'en'])('can be shown in %s', (locale) => {
    const messages = { [locale]: texts(folder, locale) }
    const { t } = createI18n({ legacy: false, locale, messages, missingWarn: false }).global
    const broken = keys(zhCN).filter((key) => {
      try {
        return (t as (key: string) => string)(key) === key
      } catch {
        return true
      }
    })
    expect(broken).toEqual([])
  })

  it('is all used', () => {
    const used = (key: string) => source.includes(`'${key}'`) || source.includes(`"${key}"`) || made.some((before) => key.startsWith(before))
    expect(keys(zhCN).filter((key) => !used(key) && !shared(folder, key))).toEqual([])
  })
})

// Words of navigation are there before the pages that they name.
const shared = (folder: string, key: string) => folder === 'locales' && /^(nav|common)\./.test(key)

// The simulator's page shares no texts with the others, so its names are free.
describe.each(folders.filter((f) => f !== 'locales' && f !== 'features/simulator/locales'))('%s', (folder) => {
  it('has names of its own', () => {
    expect(Object.keys(texts(folder, 'zh-CN'))).toEqual([folder.split('/')[1]])
  })
})

describe('texts', () => {
  it('are all there', () => {
    const asked = [...source.matchAll(/\bt\('([^'$]+)'/g)].map((m) => m[1] ?? '')
    const there = new Set(folders.flatMap((folder) => keys(texts(folder, 'zh-CN'))))
    expect(asked.filter((key) => !there.has(key))).toEqual([])
  })
})
