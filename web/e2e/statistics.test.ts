import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { violations } from './axe'
import { desktop, launch, looks, out, phone, signIn, startDemo, type Demo } from './demo'

// The demo's own conversation is one session, handed off and rated; these people add theirs.
const people = ['chenchen', 'liuyang', 'zhangwei', 'huangtao'] as const
const sessions = people.length + 1

let demo: Demo
let browser: Browser

const sim = async (path: string, body: unknown) => {
  const res = await fetch(`${demo.url}sim/v1/${path}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  expect(res.ok, `${path}: ${res.status}`).toBe(true)
}

const now = async () => new Date(((await (await fetch(`${demo.url}sim/v1/clock`)).json()) as { now: string }).now)

async function as(who: string, options: Parameters<Browser['newContext']>[0] = desktop) {
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', ...options })
  await signIn(context, demo, who)
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  await page.clock.setSystemTime(await now()) // the browser lives in the demo's time
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text())
  })
  const go = (path: string) => page.goto(`${demo.desk}/a/it/statistics${path}`)
  return { page, context, errors, go }
}

/** figure is a card of the page. */
const figure = (page: Page, name: string) => page.locator('dl.figures > div').filter({ has: page.getByRole('button', { name, exact: true }) })
const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

beforeAll(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launch()])
  // Ten in the morning: no day ends while the test runs, whenever that is.
  const ten = new Date(await now())
  ten.setUTCHours(26, 0, 0, 0)
  await sim('clock/advance', { seconds: Math.ceil((ten.getTime() - (await now()).getTime()) / 1000) })
  for (const who of people) {
    await sim(`apps/1000002/members/${who}/messages`, { type: 'text', text: '打印机怎么连接' })
    await sim(`apps/1000002/members/${who}/messages`, { type: 'text', text: '转人工' })
  }
  const { context } = await as('yangjing')
  const day = (from: number) => new Date(ten.getTime() + from * 86_400_000).toISOString().slice(0, 10)
  await vi.waitFor(
    async () => {
      await sim('clock/advance', { seconds: 20 }) // what is counted is a few seconds behind
      const res = await context.request.get(`${demo.desk}/api/v1/accounts/it/statistics/service?from=${day(-2)}&to=${day(0)}`)
      const { funnel } = (await res.json()) as { funnel: { key: string; value: number }[] }
      expect(funnel.filter((f) => ['sessions', 'handoffs', 'rated'].includes(f.key)).map((f) => f.value)).toEqual([sessions, sessions, 1])
    },
    { timeout: 30_000, interval: 250 },
  )
  await context.close()
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

describe('statistics', () => {
  it.each(looks)('look right, %s', async (name, options) => {
    const { page, context, errors, go } = await as('yangjing', options)
    for (const [shot, path, sign] of [['service', '', '服务漏斗'], ['survey', '/survey', '不满意原因'], ['accounts', '/accounts', '人事服务']] as const) {
      await go(path)
      await page.getByRole('main').getByText(sign).first().waitFor()
      if (shot !== 'accounts') await page.locator('canvas').first().waitFor()
      expect(await violations(page), shot).toEqual([])
      expect(await overflow(page), shot).toBeLessThanOrEqual(0)
      await page.screenshot({ path: join(out, `statistics-${shot}-${name}.png`), animations: 'disabled', fullPage: true })
    }
    expect(errors).toEqual([])
    await context.close()
  })

  it('open exactly the sessions behind a figure', async () => {
    const { page, context, errors, go } = await as('yangjing')
    await go('')
    await figure(page, '转人工').getByRole('link', { name: String(sessions) }).click()
    await page.getByRole('heading', { name: '转人工' }).waitFor()
    await expect.poll(() => page.locator('ul.list > li').count()).toBe(sessions)
    await page.getByRole('link', { name: '返回' }).click()
    await page.getByRole('list', { name: '服务漏斗' }).getByRole('listitem').filter({ hasText: '已评价' }).getByRole('link').click()
    await page.locator('ul.list').getByRole('link', { name: /王芳.*不满意/ }).waitFor()
    expect(await page.locator('ul.list > li').count()).toBe(1)
    expect(await violations(page)).toEqual([])
    await page.goBack()
    await page.getByText('发送转人工关键词').waitFor()
    await page.getByRole('listitem').filter({ hasText: '发送转人工关键词' }).getByRole('link').click()
    await page.getByRole('heading', { name: '转人工原因 · 说了转人工关键词' }).waitFor()
    await expect.poll(() => page.locator('ul.list > li').count()).toBe(people.length)
    expect(errors).toEqual([])
    await context.close()
  })

  it('say what a list is narrowed to, and open the ratings of all who served', async () => {
    const { page, context, errors, go } = await as('yangjing')
    await go('/survey')
    await page.getByRole('button', { name: '参与接待' }).click()
    const rated = page.getByRole('row').filter({ has: page.locator('td.text') }).first()
    const seat = await rated.locator('td').first().innerText()
    await rated.locator('td').nth(1).getByRole('link').click()
    await page.getByRole('heading', { name: `发送数（参与） · ${seat}` }).waitFor()
    await expect.poll(() => page.locator('ul.list > li').count()).toBeGreaterThan(0)
    await page.screenshot({ path: join(out, 'statistics-figure.png'), animations: 'disabled' })
    await page.goto(page.url().replace(/figure=[^&]+&/, 'figure=sessions&') + '&weekday=1&hour=9')
    await page.getByRole('heading', { name: `会话数 · ${seat} · 星期一 09:00–10:00` }).waitFor()
    expect(errors).toEqual([])
    await context.close()
  })

  it('lead back to the page that the figure stands on', async () => {
    const { page, context, errors, go } = await as('yangjing')
    await go('/survey')
    await figure(page, '不满意').getByRole('link', { name: '1', exact: true }).click()
    await expect.poll(() => page.locator('ul.list > li').count()).toBe(1)
    await page.getByRole('link', { name: '返回' }).click()
    await page.getByText('各坐席的不满意原因').waitFor()
    expect(new URL(page.url()).pathname).toMatch(/\/a\/it\/statistics\/survey$/)
    await go('')
    await page.locator('.bot dl > div').filter({ hasText: '提问数' }).getByRole('link').click()
    await expect.poll(() => page.locator('ul.list > li').count()).toBe(sessions)
    await page.getByRole('link', { name: '返回' }).click()
    await page.getByText('服务漏斗').first().waitFor()
    expect(errors).toEqual([])
    await context.close()
  })

  it.each([['desktop', desktop], ['phone', phone]] as const)('say what a figure was in the period before, %s', async (name, options) => {
    const { page, context, errors, go } = await as('yangjing', options)
    const at = await now()
    // The two days after the demo's are compared with those: its own play may have been the day before ten in the morning.
    const [next, last] = [32, 56].map((hours) => new Date(at.getTime() + hours * 3_600_000).toISOString().slice(0, 10))
    await go(`?from=${next}&to=${last}`)
    const card = figure(page, '会话数')
    await card.getByText('下降').waitFor()
    await card.getByText(`上一周期 ${sessions}`, { exact: true }).waitFor()
    expect(await violations(page)).toEqual([])
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    await page.screenshot({ path: join(out, `statistics-before-${name}.png`), animations: 'disabled' })
    expect(errors).toEqual([])
    await context.close()
  })

  it('say what a figure means to the keyboard, too', async () => {
    const { page, context, go } = await as('yangjing')
    await go('')
    await figure(page, '转人工率').getByRole('button').focus()
    await page.locator('.t-popup').getByText('转人工 ÷ 会话数').waitFor()
    await context.close()
  })

  it('keep their period in the address', async () => {
    const { page, context, errors, go } = await as('yangjing')
    await go('?from=2026-01-01&to=2026-01-31')
    await page.getByText('这段时间没有会话').waitFor()
    await page.reload()
    await page.getByText('这段时间没有会话').waitFor()
    await page.getByRole('link', { name: '满意度统计' }).click()
    await page.getByText('这段时间没有发出满意度调查').waitFor()
    await page.getByRole('button', { name: '昨天' }).click()
    await expect.poll(() => new URL(page.url()).search).toBe('?period=yesterday')
    await page.reload()
    expect(await page.getByRole('button', { name: '昨天' }).getAttribute('aria-pressed')).toBe('true')
    await page.getByRole('button', { name: '近 30 天' }).click()
    await figure(page, '不满意').getByText('1', { exact: true }).waitFor()
    expect(errors).toEqual([])
    await context.close()
  })

  it('are told apart by seat, and sorted', async () => {
    const { page, context, errors, go } = await as('yangjing')
    await go('')
    const table = page.getByRole('table', { name: '按坐席' })
    await expect.poll(() => table.getByRole('row').count()).toBe(3)
    await table.getByRole('button', { name: '按坐席排序' }).click()
    expect(await table.getByRole('columnheader', { name: '坐席' }).first().getAttribute('aria-sort')).toBe('ascending')
    const taken = (await table.getByRole('row').filter({ hasText: '李明' }).getByRole('link').first().textContent()) ?? ''
    await page.locator('.seat').click()
    await page.getByRole('option', { name: '李明' }).or(page.locator('.t-select-option', { hasText: '李明' })).first().click()
    await expect.poll(() => table.getByRole('row').count()).toBe(2)
    expect(new URL(page.url()).searchParams.get('seat')).toBe('liming')
    await table.getByRole('link', { name: taken }).first().click()
    await expect.poll(() => page.locator('ul.list > li').count()).toBe(Number(taken))
    expect(errors).toEqual([])
    await context.close()
  })

  it('are tables for who wants them exact, and a file', async () => {
    const { page, context, errors, go } = await as('yangjing')
    await go('/survey')
    await page.getByRole('button', { name: '表格' }).click()
    const days = page.getByRole('table', { name: '每日评价' })
    await expect.poll(() => days.getByRole('row').count()).toBe(8)
    expect(await violations(page)).toEqual([])
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '导出' }).click()])
    expect(download.suggestedFilename()).toMatch(/^it-survey-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.xlsx$/)
    expect((await readFile(await download.path())).subarray(0, 2).toString()).toBe('PK')
    await page.getByRole('button', { name: '参与接待' }).click()
    await page.getByRole('table', { name: '按坐席' }).getByText('李明').waitFor()
    expect(errors).toEqual([])
    await context.close()
  })

  it('show a seat its own, and nobody else', async () => {
    const { page, context, errors, go } = await as('liming')
    await go('')
    const table = page.getByRole('table', { name: '按坐席' })
    await table.getByText('李明').waitFor()
    expect(await table.getByRole('row').count()).toBe(2)
    expect(await page.getByRole('link', { name: '按账号' }).count()).toBe(0)
    expect(errors).toEqual([])
    await context.close()
  })
})
