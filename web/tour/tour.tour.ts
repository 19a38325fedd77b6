import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launch, signIn, startDemo, type Demo } from '../e2e/demo'

// The pictures of docs/tour.md: the demo after a few conversations, as those who use it see it.
const folder = fileURLToPath(new URL('../../docs/tour/', import.meta.url))
const most = 1_500_000 // bytes of all pictures
const desktop = { viewport: { width: 1440, height: 900 } }
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }

let demo: Demo
let browser: Browser

beforeAll(async () => {
  mkdirSync(folder, { recursive: true })
  ;[demo, browser] = await Promise.all([startDemo(), launch()])
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

async function say(userid: string, ...texts: string[]) {
  for (const text of texts) {
    const res = await fetch(`${demo.url}sim/v1/apps/1000002/members/${userid}/messages`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ type: 'text', text }),
    })
    expect(res.status).toBe(201)
    await new Promise((resolve) => setTimeout(resolve, 700)) // the bot answers first
  }
}

async function visit(who: string, path: string, options: BrowserContextOptions = desktop): Promise<Page> {
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', ...options })
  await signIn(context, demo, who)
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  await page.goto(demo.desk + path)
  return page
}

async function shoot(page: Page, name: string) {
  await page.waitForLoadState('networkidle').catch(() => undefined)
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled', caret: 'hide' })
}

it('takes the pictures', async () => {
  const other = await browser.newContext()
  await signIn(other, demo, 'zhaolei')
  const away = await other.request.put(`${demo.desk}/api/v1/accounts/it/me/state`, { data: { state: 'away' }, headers: { 'Idempotency-Key': crypto.randomUUID() } })
  expect(away.ok()).toBe(true)
  await other.close()
  await say('wangfang', 'VPN 连不上怎么办', '还是不行', '转人工')
  await say('chenchen', '打印机卡纸了', '转人工')
  await say('liuyang', '会议室投屏怎么用')
  await say('zhangwei', '转人工')

  const seat = await visit('liming', '/desk')
  await seat.getByRole('tab', { name: /^我的/ }).click()
  await seat.locator('button[data-key]').first().waitFor()
  await seat.locator('button[data-key]').filter({ hasText: '王芳' }).click()
  const box = seat.getByRole('textbox', { name: '给王芳的消息' })
  await box.fill('您好，我看一下。您现在是在家里还是在公司网络？')
  await box.press('Enter')
  await say('wangfang', '在家里，昨天还好好的')
  await box.fill('请把客户端退出后重新登录一次，')
  await seat.waitForTimeout(1500)
  await shoot(seat, 'workbench')
  await box.fill('')
  await box.press('Escape')
  await seat.keyboard.press('Control+k')
  await seat.getByRole('dialog', { name: '命令面板' }).waitFor()
  await shoot(seat, 'commands')
  const key = await seat.locator('button[data-key]').filter({ hasText: '王芳' }).getAttribute('data-key')
  await seat.context().close()

  const mobile = await visit('liming', `/desk/${key}`, phone)
  await mobile.getByRole('log').getByText('在家里，昨天还好好的').waitFor()
  await shoot(mobile, 'phone')
  await mobile.context().close()

  for (const [name, who, path, seen] of [
    ['overview', 'zhaolei', '/a/it', '概览'],
    ['knowledge', 'zhaolei', '/a/it/knowledge', '知识库'],
    ['records', 'zhaolei', '/a/it/records', '会话记录'],
    ['settings', 'zhaolei', '/a/it/settings', '设置'],
  ] as const) {
    const page = await visit(who, path)
    await page.getByRole('heading', { name: seen }).first().waitFor()
    await page.waitForTimeout(1200)
    await shoot(page, name)
    await page.context().close()
  }
  const bytes = readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0)
  expect(bytes).toBeLessThan(most)
})
