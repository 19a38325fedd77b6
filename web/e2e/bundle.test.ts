import { expect, it } from 'vitest'
import { firstLoad } from '../bench/bundle'

const most = 300_000 // bytes of script and style, gzipped, before a page shows

it.each([['desk.html', 160_000], ['index.html', most]])('%s is light', (page, most) => { // the workbench carries nothing of the console's components
  expect(firstLoad(page)).toBeLessThan(most)
  expect(firstLoad(page)).toBeGreaterThan(50_000) // less, and something was not counted
})
