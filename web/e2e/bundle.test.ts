import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { dist, firstLoad } from '../bench/bundle'

const most = 300_000 // bytes of script and style, gzipped, before a page shows

it.each([['desk.html', 160_000], ['index.html', most]])('%s is light', (page, most) => { // the workbench carries nothing of the console's components
  expect(firstLoad(page)).toBeLessThan(most)
  expect(firstLoad(page)).toBeGreaterThan(50_000) // less, and something was not counted
})

it('has browsers compile the workbench while it arrives', () => {
  const script = /<script type="module"[^>]* src="\/(assets\/desk-[^"]+)"/.exec(readFileSync(`${dist}/desk.html`, 'utf8'))?.[1]
  expect(readFileSync(`${dist}/${script}`, 'utf8')).toMatch(/^\/\/# allFunctionsCalledOnLoad\n/)
})
