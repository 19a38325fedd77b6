import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, it } from 'vitest'
import { launch, signIn, startDemo, type Demo } from '../e2e/demo'
import { firstLoad } from './bundle'

// How long a seat waits for the workbench, in a real browser whose processor is slowed down, before the real program.
const slow = Number(process.env.SLOW ?? 4)
const starts = Number(process.env.STARTS ?? 7)
const long = 300 // lines of a long conversation
const people = ['wangfang', 'chenchen', 'liuyang', 'zhangwei', 'huangtao', 'sunli', 'zhoumin']

let demo: Demo
let browser: Browser

beforeAll(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launch()])
  await Promise.all(['liming', 'zhaolei'].map(leave)) // so that everybody waits in the queue
  for (const [n, who] of people.entries()) {
    for (let line = 0; line < (n === 0 ? long : 30); line++) await say(who, `第 ${line} 条：打印机又不出纸了，重启过两次也没有用`)
    await say(who, '转人工')
  }
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

async function leave(seat: string) {
  const context = await browser.newContext()
  await signIn(context, demo, seat)
  const res = await context.request.put(`${demo.desk}/api/v1/accounts/it/me/state`, { data: { state: 'away' }, headers: { 'Idempotency-Key': crypto.randomUUID() } })
  if (!res.ok()) throw new Error(`${seat} could not go away: ${res.status()} ${await res.text()}`)
  await context.close()
}

async function say(userid: string, text: string) {
  const res = await fetch(`${demo.url}sim/v1/apps/1000002/members/${userid}/messages`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ type: 'text', text }),
  })
  if (!res.ok) throw new Error(`${userid} could not write: ${res.status}`)
}

async function slowed(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  const debug = await context.newCDPSession(page)
  await debug.send('Emulation.setCPUThrottlingRate', { rate: slow })
  return page
}

const at = (times: number[], share: number) => [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN
const say50 = (times: number[]) => `p50 ${at(times, 0.5).toFixed(0)} ms, p95 ${at(times, 0.95).toFixed(0)} ms (${times.length})`

/** firstRow is when the first row was painted, from the beginning of the navigation. */
const firstRow = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const look = () => (document.querySelector('button[data-key]') ? requestAnimationFrame(() => setTimeout(() => resolve(performance.now()))) : undefined)
        const observer = new MutationObserver(() => look() && observer.disconnect())
        observer.observe(document, { childList: true, subtree: true })
        if (look()) observer.disconnect()
      }),
  )

/** shownAfter chooses the nth row and is how long it takes until its last line is painted. */
const shownAfter = (page: Page, row: number) =>
  page.evaluate(
    (n) =>
      new Promise<number>((resolve, reject) => {
        const button = document.querySelectorAll<HTMLButtonElement>('button[data-key]')[n]
        const name = button?.querySelector('.name')?.textContent
        if (!button || !name) return reject(new Error(`there is no row ${n}`))
        const begin = performance.now()
        const done = () => {
          const log = document.querySelector(`[role=log][aria-label*="${name}"]`)
          if (!log?.querySelector('article')) return requestAnimationFrame(done)
          // The next frame has painted it.
          requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - begin)))
        }
        button.click()
        done()
      }),
    row,
  )

it('measures the workbench', async () => {
  const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1440, height: 900 } })
  await signIn(context, demo, 'zhaolei')
  const cold: number[] = []
  const warm: number[] = []
  const prepare = await context.newPage()
  await prepare.goto(`${demo.desk}/desk`)
  await prepare.getByRole('tab', { name: /^排队/ }).click()
  await prepare.locator('button[data-key]').first().waitFor()
  await prepare.close()
  for (let n = 0; n < starts; n++) {
    const state = await context.storageState()
    const empty = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1440, height: 900 }, storageState: state })
    for (const times of [cold, warm]) {
      const page = await slowed(empty)
      await page.goto(`${demo.desk}/desk`, { waitUntil: 'commit' })
      times.push(await firstRow(page))
      await page.close()
    }
    await empty.close()
  }

  const page = await slowed(context)
  await page.goto(`${demo.desk}/desk`)
  await page.locator('button[data-key]').first().waitFor()
  const rows = await page.locator('button[data-key]').count()
  const fresh: number[] = []
  const seen: number[] = []
  await page.waitForTimeout(2000)
  for (let n = 0; n < rows; n++) {
    fresh.push(await shownAfter(page, n))
    await page.waitForTimeout(1000)
  }
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < rows; n++) {
      seen.push(await shownAfter(page, n))
      await page.waitForTimeout(700)
    }
  }
  await context.close()
  console.log(
    [
      `processor slowed down ${slow} times, ${rows} sessions, the longest of ${long} lines`,
      `first row, nothing cached    ${say50(cold)}`,
      `first row, scripts cached    ${say50(warm)}`,
      `switch to one not seen yet   ${say50(fresh)}`,
      `switch to one seen before    ${say50(seen)}`,
      `script and style, gzipped    ${(firstLoad('desk.html') / 1000).toFixed(1)} kB`,
    ].join('\n'),
  )
})
