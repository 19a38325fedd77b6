import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import en from './en.json'
import zhCN from './zh-CN.json'

type Texts = { [key: string]: string | Texts }

function keys(texts: Texts, before = ''): string[] {
  return Object.entries(texts).flatMap(([key, text]) => (typeof text === 'string' ? before + key : keys(text, `${before}${key}.`)))
}

function sorted(texts: Texts): boolean {
  const names = Object.keys(texts)
  return names.join() === [...names].sort().join() && Object.values(texts).every((t) => typeof t === 'string' || sorted(t))
}

const source = readdirSync(join(import.meta.dirname, '..'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(vue|ts)$/.test(name) && !name.endsWith('.test.ts'))
  .map((name) => readFileSync(join(import.meta.dirname, '..', name), 'utf8'))
  .join('\n')

// What code makes of a word and a value: t(`trace.name.${…}`).
const made = [...source.matchAll(/[`']((?:[a-z]+\.)+)\$\{/gi)].map((m) => m[1] ?? '')

describe('texts', () => {
  it('are the same in every language', () => {
    expect(keys(en)).toEqual(keys(zhCN))
  })

  it('are sorted', () => {
    expect(sorted(zhCN)).toBe(true)
    expect(sorted(en)).toBe(true)
  })

  it('are all used', () => {
    const used = (key: string) => source.includes(`'${key}'`) || made.some((before) => key.startsWith(before))
    expect(keys(zhCN).filter((key) => !used(key))).toEqual([])
  })

  it('are all there', () => {
    const asked = [...source.matchAll(/\bt\('([^'$]+)'/g)].map((m) => m[1] ?? '')
    const there = new Set(keys(zhCN))
    expect(asked.filter((key) => !there.has(key))).toEqual([])
  })
})
