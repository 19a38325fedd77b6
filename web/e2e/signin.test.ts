import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violations } from './axe'
import { launch, out, startDemo, type Demo } from './demo'

let demo: Demo
let browser: Browser

beforeAll(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launch()])
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

const desktop = { width: 1440, height: 900 }
const phone = { width: 390, height: 844 }

interface Visit {
  page: Page
  context: BrowserContext
  errors: string[]
}

async function visit(path: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Visit> {
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport: desktop, baseURL: demo.desk, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const errors: string[] = []
  page.on('console', (m) => {
    // That nobody is signed in yet the browser calls an error.
    if ((m.type() === 'error' || m.type() === 'warning') && !m.text().includes('401')) errors.push(m.text())
  })
  page.on('pageerror', (err) => errors.push(String(err)))
  await page.goto(path)
  return { page, context, errors }
}

const shot = (page: Page, name: string) => page.screenshot({ path: join(out, `signin-${name}.png`) })
const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
const card = (page: Page, name: string) => page.getByRole('button', { name: new RegExp(name) })
const me = (page: Page) => page.evaluate(async () => (await fetch('/api/v1/me')).json() as Promise<{ userid: string; super_admin: boolean; accounts: { key: string; role: string }[] }>)
/** settled waits until what appears has stopped moving, so that colours are what they are. */
const settled = (page: Page) => page.waitForFunction(() => document.getAnimations().every((a) => a.playState !== 'running'))

describe('the sign-in page', () => {
  for (const [name, viewport] of [['desktop', desktop], ['phone', phone]] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`is fit to be seen, ${name}, ${colorScheme}`, async () => {
        const { page, context, errors } = await visit('/login', { viewport, colorScheme })
        await card(page, '林悦|杨静').waitFor()
        await settled(page)
        await shot(page, `login-${name}-${colorScheme}`)
        expect(await violations(page)).toEqual([])
        expect(await overflow(page)).toBe(0)
        await page.getByText('登录遇到问题？').click()
        await page.getByText('可信域名', { exact: false }).waitFor()
        await page.goto('/login?error=no_role')
        await page.getByText('您还不是坐席或负责人').waitFor()
        await card(page, '林悦|杨静').waitFor()
        await settled(page)
        await shot(page, `norole-${name}-${colorScheme}`)
        expect(await violations(page)).toEqual([])
        expect(await page.getByRole('link', { name: '前往员工服务' }).getAttribute('href')).toBe('/h5/')
        expect(errors).toEqual([])
        await context.close()
      })
    }
  }

  it('leads back to the page that was wanted, in the role that was chosen', async () => {
    const { page, context } = await visit('/logins')
    await page.waitForURL(/\/login\?to=%2Flogins|\/login\?to=\/logins/)
    await card(page, '赵磊').click()
    await page.waitForURL(`${demo.desk}/logins`)
    await page.getByText('本机').waitFor()
    expect(await me(page)).toMatchObject({ userid: 'zhaolei', super_admin: false, accounts: [{ key: 'it', role: 'owner' }] })
    // What only super admins may see isn't there, nor can it be entered.
    expect(await page.getByRole('link', { name: '超级管理员' }).count()).toBe(0)
    await page.goto('/admins')
    await page.getByText('页面不存在').waitFor()
    // Signing out is for good.
    await page.goto('/logins')
    await page.getByRole('button', { name: '个人菜单' }).click()
    await page.getByRole('button', { name: '退出登录' }).click()
    await page.waitForURL((url) => url.pathname === '/login')
    expect(await page.evaluate(async () => (await fetch('/api/v1/me')).status)).toBe(401)
    await context.close()
  })
})

describe('signing in with WeCom', () => {
  it('by the login page, in any browser', async () => {
    const { page, context, errors } = await visit('/login?to=%2Flogins')
    await page.getByRole('button', { name: '企业微信扫码登录' }).click()
    await page.getByRole('link', { name: /李明/ }).click() // the simulated page asks who scans
    await page.waitForURL(/\/logins$/)
    await page.getByText('本机').waitFor()
    expect(await me(page)).toMatchObject({ userid: 'liming', accounts: [{ key: 'it', role: 'seat' }] })
    expect(errors).toEqual([])
    await context.close()
  })

  it('silently inside WeCom', async () => {
    const { page, context } = await visit('/login', { userAgent: 'Mozilla/5.0 (iPhone) wxwork/4.1 MicroMessenger/7.0', viewport: phone })
    await page.waitForURL(/connect\/oauth2\/authorize/) // without a tap
    await page.getByRole('link', { name: /孙莉/ }).click()
    await page.waitForURL((url) => url.pathname === '/desk')
    expect(await me(page)).toMatchObject({ userid: 'sunli' })
    await context.close()
  })

  it('says to employees without a role where to go, and to others that they are none', async () => {
    const { page, context } = await visit('/login')
    await page.getByRole('button', { name: '企业微信扫码登录' }).click()
    await page.getByRole('link', { name: /张伟/ }).click()
    await page.getByText('您还不是坐席或负责人').waitFor()
    await page.goto('/login?to=/desk')
    await page.getByRole('button', { name: '企业微信扫码登录' }).click()
    await page.getByRole('link', { name: /不是企业成员/ }).click()
    await page.getByText('您不是该企业的成员').waitFor()
    await context.close()
  })

  it('refuses an answer that this browser did not ask for', async () => {
    const { page, context } = await visit('/auth/return?code=x&state=y')
    await page.getByText('登录已过期').waitFor()
    expect(await page.evaluate(async () => (await fetch('/api/v1/me')).status)).toBe(401)
    await context.close()
  })
})

describe('a one-time link', () => {
  it('signs in whoever opens it, once, and leaves no trace in the address', async () => {
    const program = process.env.DESKMATE_BIN ?? fileURLToPath(new URL('../../bin/deskmate', import.meta.url))
    const link = execFileSync(program, ['admin', 'login-link'], { env: { PATH: process.env.PATH, DESKMATE_DATA_DIR: demo.dir }, encoding: 'utf8' }).trim()
    const path = link.slice(link.indexOf('/login#'))
    const { page, context, errors } = await visit(path)
    await page.waitForURL((url) => url.pathname !== '/login')
    expect(page.url()).not.toContain('link=')
    expect(await me(page)).toMatchObject({ userid: '', super_admin: true })
    await page.goto('/admins')
    await page.getByText('您正通过一次性链接登录').waitFor()
    await settled(page)
    await shot(page, 'admins-by-link')
    expect(await violations(page)).toEqual([])
    expect(errors).toEqual([])
    const again = await visit(path)
    await again.page.getByText('链接无效、已使用或已过期').waitFor()
    expect(again.page.url()).not.toContain('link=')
    await Promise.all([context.close(), again.context.close()])
  })
})

describe('logins', () => {
  it('are listed and ended, one’s own and by super admins everybody’s', async () => {
    const seat = await visit('/login?to=/logins', { viewport: phone, userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1' })
    await card(seat.page, '李明').click()
    await seat.page.getByText('本机').waitFor()
    const other = await visit('/login?to=/logins')
    await card(other.page, '李明').click()
    await other.page.getByText('Safari · iPhone').first().waitFor()
    await settled(other.page)
    await shot(other.page, 'logins-desktop-light')
    expect(await violations(other.page)).toEqual([])

    const boss = await visit('/login?to=/logins', { colorScheme: 'dark' })
    await card(boss.page, '超级管理员').click()
    await boss.page.getByText('所有人').click()
    const phoneRow = boss.page.getByRole('listitem').filter({ hasText: 'Safari · iPhone' }).filter({ hasText: '李明' }).first()
    await phoneRow.waitFor()
    await settled(boss.page)
    await shot(boss.page, 'logins-all-desktop-dark')
    expect(await violations(boss.page)).toEqual([])
    await phoneRow.getByRole('button', { name: /退出/ }).click()
    await boss.page.getByRole('button', { name: '退出', exact: true }).last().click()
    await boss.page.getByText('已退出').waitFor()
    expect(await seat.page.evaluate(async () => (await fetch('/api/v1/me')).status)).toBe(401)
    await seat.page.reload()
    await seat.page.waitForURL(/\/login\?to=/)

    await other.page.reload()
    await other.page.getByText('本机').waitFor()
    await shot(other.page, 'logins-after')
    expect([...seat.errors, ...other.errors, ...boss.errors]).toEqual([])
    await Promise.all([seat.context.close(), other.context.close(), boss.context.close()])
  })
})

describe('super admins', () => {
  it('are named and removed, but for the last one', async () => {
    const { page, context, errors } = await visit('/login?to=/admins')
    await card(page, '超级管理员').click()
    await page.getByText('至少保留一位超级管理员').waitFor()
    await page.getByRole('button', { name: '添加超级管理员' }).click()
    const dialog = page.locator('.t-dialog').filter({ hasText: '添加超级管理员' })
    await dialog.getByPlaceholder('输入姓名、拼音或账号搜索').click()
    await page.keyboard.type('zhoumin')
    await page.getByText('周敏 · 人力资源部').click()
    await settled(page)
    await shot(page, 'admins-add')
    await dialog.getByRole('button', { name: '添加', exact: true }).click()
    await page.getByText('已添加 周敏').waitFor()
    await page.getByRole('listitem').filter({ hasText: '周敏' }).waitFor()
    await dialog.waitFor({ state: 'hidden' })
    await page.getByText('已添加 周敏').waitFor({ state: 'detached' })
    await settled(page)
    await shot(page, 'admins-desktop-light')
    expect(await violations(page)).toEqual([])

    // The new one is it at once, and no longer once it is taken away.
    const zhou = await visit('/login')
    await card(zhou.page, '周敏').click()
    await zhou.page.waitForURL((url) => url.pathname !== '/login')
    expect(await me(zhou.page)).toMatchObject({ super_admin: true })
    await page.getByRole('button', { name: '移除 周敏' }).click()
    await page.getByRole('button', { name: '移除', exact: true }).last().click()
    await page.getByText('已移除 周敏').waitFor()
    expect(await me(zhou.page)).toMatchObject({ super_admin: false })

    await page.setViewportSize(phone)
    await page.reload()
    await page.getByText('至少保留一位超级管理员').waitFor()
    await settled(page)
    await shot(page, 'admins-phone-light')
    expect(await overflow(page)).toBe(0)
    expect(await violations(page)).toEqual([])
    expect(errors).toEqual([])
    await Promise.all([context.close(), zhou.context.close()])
  })
})
