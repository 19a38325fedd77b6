import { expect, it } from 'vitest'
import { actions } from './labels'
import en from './locales/en.json'
import zh from './locales/zh-CN.json'

it.each([['zh-CN', zh], ['en', en]] as const)('names every group of actions, %s', (_, texts) => {
  const groups = actions(texts.audit.action).map((a) => a.group)
  expect(groups.filter((g) => !(g in texts.audit.group))).toEqual([])
  expect(groups).toContain('erasure')
})
