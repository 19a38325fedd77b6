import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launch, startDemo, type Demo } from './demo'

let demo: Demo
let browser: Browser
const boss = 'yangjing'
const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }

beforeAll(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launch()])
})

afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

interface Reader {
  page: Page
  context: BrowserContext
  errors: string[]
}

/** as opens the console as one of the demo's people. */
async function as(who: string, viewport = sizes.desktop, colorScheme: 'light' | 'dark' = 'light'): Promise<Reader> {
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport, colorScheme })
  const signedIn = await context.request.post(`${demo.desk}/api/v1/logins`, { data: { demo: who }, headers: { Origin: demo.desk } })
  expect(signedIn.ok(), await signedIn.text()).toBe(true)
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const errors: string[] = []
  page.on('console', (m) => {
    if (m.type() === 'error' || m.type() === 'warning') errors.push(m.text())
  })
  page.on('pageerror', (err) => errors.push(String(err)))
  return { page, context, errors }
}

describe('accounts at a glance', () => {
  it('are searched and opened', async () => {
    const { page, context, errors } = await as(boss)
    await page.goto(`${demo.desk}/accounts`)
    const rows = page.getByRole('main').getByRole('listitem')
    await rows.first().waitFor()
    const all = await rows.count()
    expect(all).toBeGreaterThan(1)
    await page.getByPlaceholder('搜索名称或标识').fill(' IT ')
    await expect.poll(() => rows.count()).toBeLessThan(all)
    await rows.first().getByRole('link').click()
    await page.getByRole('heading', { level: 1, name: '概览' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/a/it')
    await page.getByRole('link', { name: '去处理' }).click()
    await page.waitForURL('**/a/it/knowledge/misses')
    expect(errors).toEqual([])
    await context.close()
  })

  it('are not there for who only answers', async () => {
    const { page, context } = await as('liming')
    await page.goto(`${demo.desk}/accounts`)
    await page.getByText('页面不存在').waitFor()
    const res = await context.request.get(`${demo.desk}/api/v1/accounts/it/overview`)
    expect(res.status()).toBe(403)
    await context.close()
  })
})
