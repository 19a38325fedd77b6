import { expect, it } from 'vitest'
import { firstLoad } from '../bench/bundle'

const most = 300_000 // bytes of script and style, gzipped, before a page shows

it.each(['desk.html', 'index.html'])('%s is light', (page) => {
  expect(firstLoad(page)).toBeLessThan(most)
  expect(firstLoad(page)).toBeGreaterThan(50_000) // less, and something was not counted
})
