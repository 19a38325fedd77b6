import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violations } from './axe'
import { launch, out, signIn, startDemo, type Demo } from './demo'

let demo: Demo
let browser: Browser

beforeAll(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launch()])
}, 60_000)
afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

const desktop = { viewport: { width: 1440, height: 900 } }
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
const sections = ['profile', 'seats', 'assignment', 'bot', 'service', 'hours', 'survey', 'quick', 'scope', 'other'] as const

async function as(who: string, options: Parameters<Browser['newContext']>[0] = desktop) {
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', ...options })
  await signIn(context, demo, who)
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource')) errors.push(message.text())
  })
  return { page, context, errors }
}

const open = async (page: Page, section: string) => {
  await page.goto(`${demo.desk}/a/it/settings/${section}`)
  await page.locator('section .card, section form, section .state:not([role])').first().waitFor()
  await page.waitForLoadState('networkidle')
}
const save = (page: Page) => page.getByRole('button', { name: '保存', exact: true }).click()

describe('settings', () => {
  it.each([
    ['desktop-light', { ...desktop, colorScheme: 'light' }],
    ['desktop-dark', { ...desktop, colorScheme: 'dark' }],
    ['phone-light', { ...phone, colorScheme: 'light' }],
    ['phone-dark', { ...phone, colorScheme: 'dark' }],
  ] as const)('look right: %s', async (name, options) => {
    const { page, context, errors } = await as('zhaolei', options)
    const wrong: string[] = []
    for (const section of sections) {
      await open(page, section)
      await page.screenshot({ path: join(out, `account-${section}-${name}.png`), fullPage: true, animations: 'disabled' })
      if (name === 'desktop-light' || name === 'phone-dark') wrong.push(...(await violations(page)).map((v) => `${section}: ${v}`))
    }
    expect(wrong).toEqual([])
    expect(errors).toEqual([])
    await context.close()
  })

  it('are saved, guarded, and told apart where two change them', async () => {
    const { page, context, errors } = await as('zhaolei')
    await open(page, 'profile')
    await page.getByLabel('别名').fill('IT 帮帮忙')
    await page.getByRole('link', { name: '分配方式' }).click()
    await page.getByRole('button', { name: '继续编辑' }).click()
    expect(new URL(page.url()).pathname).toBe('/a/it/settings/profile')

    // Somebody else saves the same part meanwhile.
    const boss = await as('yangjing')
    await open(boss.page, 'profile')
    await boss.page.getByLabel('别名').fill('信息技术')
    await save(boss.page)
    await boss.page.getByText('已保存').waitFor()
    await save(page)
    await page.getByText('设置已被他人修改').waitFor()
    await page.getByRole('button', { name: '用我的覆盖' }).click()
    await page.getByText('已保存').waitFor()
    await page.reload()
    expect(await page.getByLabel('别名').inputValue()).toBe('IT 帮帮忙')

    await open(page, 'service')
    await page.getByLabel('结束前提醒').fill('60')
    await page.getByLabel('结束前提醒').blur()
    await save(page)
    await page.getByText('结束前提醒应短于自动结束的时长').waitFor()
    expect(errors).toEqual([])
    await context.close()
    await boss.context.close()
  })

  it('add, change and remove seats', async () => {
    const { page, context, errors } = await as('zhaolei')
    await open(page, 'seats')
    await page.getByRole('button', { name: '添加坐席' }).click()
    await page.getByPlaceholder('搜索姓名、拼音或 userid').fill('huangtao')
    await page.getByRole('checkbox', { name: /黄涛/ }).check()
    await page.getByRole('button', { name: '确定' }).click()
    const row = page.getByRole('listitem').filter({ hasText: 'huangtao' })
    await row.getByRole('button', { name: '编辑' }).click()
    await page.getByText('查看全部记录').click()
    await page.locator('.t-dialog').getByRole('button', { name: '保存' }).click()
    await row.getByText('查看全部记录').waitFor()
    await row.getByRole('button', { name: '移除' }).click()
    await page.locator('.t-dialog').filter({ hasText: '移除坐席黄涛' }).getByRole('button', { name: '移除' }).click()
    await row.waitFor({ state: 'detached' })
    expect(errors).toEqual([])
    await context.close()
  })

  it('leave the scope to super admins, and everything to nobody else', async () => {
    const owner = await as('zhaolei')
    await open(owner.page, 'scope')
    await owner.page.getByText('可见范围由超级管理员设置').waitFor()
    const refused = await owner.context.request.put(`${demo.desk}/api/v1/accounts/it/settings/scope`, { data: { everyone: true, members: [], departments: [], barred: [] } })
    expect(refused.status()).toBe(403)
    const seat = await as('liming')
    await seat.page.goto(`${demo.desk}/a/it/settings`)
    await seat.page.getByText('页面不存在').waitFor()
    const boss = await as('yangjing')
    await open(boss.page, 'scope')
    expect(await boss.page.getByText('可见范围由超级管理员设置').count()).toBe(0)
    for (const { context } of [owner, seat, boss]) await context.close()
  })
})
