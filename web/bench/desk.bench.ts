import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, it } from 'vitest'
import { launch, signIn, startDemo, type Demo } from '../e2e/demo'
import { firstLoad } from './bundle'

// How long a seat waits for the workbench, in a real browser whose processor is slowed down, before the real program.
const slow = Number(process.env.SLOW ?? 4)
const starts = Number(process.env.STARTS ?? 7)
const rest = 150 // ms that a pointer is on a row before it is pressed
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

/** shownAfter chooses the nth row as a hand does, resting on it before it presses, and is how long it takes from then on until its last line is painted. */
async function shownAfter(page: Page, row: number): Promise<number> {
  const place = await page.locator('button[data-key]').nth(row).boundingBox()
  if (!place) throw new Error(`row ${row} is not to be seen`)
  const painted = await page.evaluateHandle((n) => {
    const name = document.querySelectorAll('button[data-key]')[n]?.querySelector('.name')?.textContent ?? ''
    let pressed = 0
    addEventListener('pointerdown', (event) => (pressed = event.timeStamp), { capture: true, once: true })
    const done = new Promise<number>((resolve) => {
      const observer = new MutationObserver(() => {
        if (!document.querySelector(`[role=log][aria-label*="${name}"]`)?.querySelector('article')) return
        observer.disconnect()
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - pressed)))
      })
      observer.observe(document.body, { childList: true, subtree: true })
    })
    return { done }
  }, row)
  await page.mouse.move(place.x + place.width / 2, place.y + place.height / 2)
  await page.waitForTimeout(rest)
  await page.mouse.down()
  await page.mouse.up()
  return painted.evaluate(({ done }) => done)
}

it('measures the workbench', async () => {
  const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1440, height: 900 } })
  await signIn(context, demo, 'zhaolei')
  const cold: number[] = []
  const warm: number[] = []
  const daily: number[] = []
  const prepare = await context.newPage()
  await prepare.goto(`${demo.desk}/desk`)
  await prepare.getByRole('tab', { name: /^排队/ }).click()
  await prepare.locator('button[data-key]').first().waitFor()
  await prepare.close()
  for (let n = 0; n < starts; n++) {
    const state = await context.storageState()
    const empty = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1440, height: 900 }, storageState: state })
    for (const times of [cold, warm, daily]) {
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
      `first row, from the third on ${say50(daily)}`,
      `switch to one not seen yet   ${say50(fresh)}`,
      `switch to one seen before    ${say50(seen)}`,
      `script and style, gzipped    ${(firstLoad('desk.html') / 1000).toFixed(1)} kB`,
    ].join('\n'),
  )
})
