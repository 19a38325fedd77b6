import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  id: string
  help: string
  nodes: { target: string[]; failureSummary?: string }[]
}

/** violations are what a page does wrong for people who don't see it or don't use a mouse: none, in words. */
export async function violations(page: Page): Promise<string[]> {
  // The page's own policy forbids inline scripts; the debugger's is not the page's.
  await page.evaluate(source)
  const found = await page.evaluate(async () => {
    // A button on its way from one colour to another has neither: what ends is waited for. Two frames
    // let a change that was just made begin.
    for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame)
    const ending = document.getAnimations().filter((a) => a.playState === 'running' && a.effect?.getComputedTiming().endTime !== Infinity)
    await Promise.all(ending.map((a) => a.finished.catch(() => undefined)))
    const axe = (window as unknown as { axe: { run(context: Document, options: object): Promise<{ violations: Violation[] }> } }).axe
    return (await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })).violations
  })
  return found.flatMap((v) => v.nodes.map((n) => `${v.id}: ${v.help}: ${n.target.join(' ')}`))
}
