import { expect, it } from 'vitest'
import { chatTime } from './chatTime'

const now = new Date(2026, 10, 23, 10, 24)
it.each([
  [new Date(2026, 10, 23, 9, 5), '09:05'],
  [new Date(2026, 10, 22, 23, 59), '昨天 23:59'],
  [new Date(2026, 10, 3, 8, 0), '11月3日 08:00'],
  [new Date(2025, 0, 2, 0, 30), '2025年1月2日 00:30'],
])('%s', (at, want) => {
  expect(chatTime(at, now, 'zh-CN')).toBe(want)
})
