import { readFile } from 'node:fs/promises'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violations } from './axe'
import { launch, open, out, PhoneHand, program, startDemo, type Demo } from './demo'

let demo: Demo
let browser: Browser
let token: string
const boss = 'yangjing'

/** deskmate runs a command on the demo's data. */
function deskmate(...args: string[]): string {
  return execFileSync(program, args, { env: { PATH: process.env.PATH, DESKMATE_DATA_DIR: demo.dir, DESKMATE_LOG_LEVEL: 'error' }, encoding: 'utf8' }).trim()
}

async function get<T>(path: string, bearer = token): Promise<T> {
  const res = await fetch(`${demo.desk}/api/v1/${path}`, { headers: { Authorization: `Bearer ${bearer}` } })
  expect(res.status, path).toBe(200)
  return (await res.json()) as T
}

beforeAll(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launch()])
  token = deskmate('admin', 'token', 'create', 'boss', '--super')
})

afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

const shot = (page: Page, name: string) => page.screenshot({ path: join(out, `${name}.png`), animations: 'disabled', fullPage: true })
const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

interface Reader {
  page: Page
  context: BrowserContext
  errors: string[]
}

const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }

/** as opens the console as one of the demo's people, who signs in with one click. */
async function as(who: string, viewport = sizes.desktop, scheme: 'light' | 'dark' = 'light'): Promise<Reader> {
  const context = await browser.newContext({
    locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport, colorScheme: scheme, acceptDownloads: true,
  })
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

async function visit(reader: Reader, path: string) {
  await reader.page.goto(`${demo.desk}/${path}`)
  await reader.page.getByRole('heading', { level: 1 }).waitFor()
  await reader.page.waitForLoadState('networkidle')
}

describe('pages of operators', () => {
  it('are not there for who may not see them', async () => {
    const reader = await as('zhaolei')
    await visit(reader, 'a/it/audit')
    const nav = reader.page.getByRole('navigation', { name: '主导航' })
    await nav.getByRole('link', { name: '会话记录' }).waitFor()
    expect(await nav.getByRole('link', { name: '系统状态' }).count()).toBe(0)
    await reader.page.goto(`${demo.desk}/system`)
    await reader.page.getByText('页面不存在').waitFor()
    const seat = deskmate('admin', 'token', 'create', 'seat', '--role', 'seat', '--account', 'it', '--user', 'liming')
    const res = await fetch(`${demo.desk}/api/v1/accounts/it/dead-letters`, { headers: { Authorization: `Bearer ${seat}` } })
    expect(res.status).toBe(403)
    await reader.context.close()
  })
})

describe('the API document', () => {
  it.each([['desktop', 'light'], ['phone', 'dark']] as const)('is read and searched on a %s, %s', async (size, scheme) => {
    const reader = await as(boss, sizes[size], scheme)
    const { page } = reader
    await visit(reader, 'tokens')
    await page.getByRole('main').getByRole('link', { name: '接口文档' }).click()
    await page.getByRole('heading', { level: 2, name: 'misses' }).waitFor()
    await page.getByPlaceholder('搜索路径、接口名或说明').fill('misses solve')
    await page.getByText('1 个接口').waitFor()
    await page.getByText('/api/v1/accounts/{account}/misses/solve').click()
    await page.getByText("/misses/solve' \\").waitFor()
    await page.getByRole('region', { name: '请求内容' }).getByText('entry.question', { exact: true }).waitFor()
    await page.getByText(/可调用：.*负责人.*坐席/).waitFor()
    await page.getByText('429', { exact: true }).click()
    await page.getByText('Retry-After').waitFor()
    await shot(page, `ops-api-docs-open-${size}-${scheme}`)
    expect(await violations(page)).toEqual([])
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    await page.getByPlaceholder('搜索路径、接口名或说明').fill('nothing has this')
    await page.getByText('没有找到接口').waitFor()
    expect(reader.errors).toEqual([])
    await reader.context.close()
  })

  it('is there for seats', async () => {
    const reader = await as('liming')
    await visit(reader, 'api-docs')
    await reader.page.getByRole('heading', { level: 2, name: 'sessions', exact: true }).waitFor()
    expect(reader.errors).toEqual([])
    await reader.context.close()
  })
})

describe('records', () => {
  it('are searched, read with their decisions, and exported', async () => {
    const reader = await as(boss)
    const { page } = reader
    await visit(reader, 'a/it/records')
    await page.getByPlaceholder('搜索会话内容').fill('工位')
    await page.keyboard.press('Enter')
    await page.locator('mark', { hasText: '工位' }).first().waitFor()
    expect(page.url()).toContain('q=%E5%B7%A5%E4%BD%8D')

    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '导出 Excel' }).click()])
    expect(file.suggestedFilename()).toMatch(/^it-records-\d{8}\.xlsx$/)

    await page.locator('.row-link').first().click()
    await page.getByText('已登记，今天下午有同事过来更换。').waitFor()
    await page.getByRole('heading', { name: '服务过王芳的坐席' }).waitFor()
    await page.getByRole('tab', { name: '决策记录' }).click()
    await page.getByText(/门槛 \d+%/).first().waitFor()
    await page.getByText(/李明（/).first().waitFor() // why that seat
    expect(await violations(page)).toEqual([])
    expect(reader.errors).toEqual([])

    // Both are in the audit log, with the way back to the session.
    await visit(reader, 'a/it/audit')
    for (const text of ['查看了决策记录', '查看了会话内容', '导出了会话记录', '搜索了会话内容']) await page.getByText(text).first().waitFor()
    await page.getByRole('link', { name: /^\d{10,}$/ }).first().click()
    await page.getByRole('tab', { name: '对话' }).waitFor()
    await reader.context.close()
  })
})

const dialog = (page: Page) => page.locator('.t-dialog:visible')

/** loseAnswers lets WeCom take so many messages without saying so. */
async function loseAnswers(drop_answers: number) {
  const faults = (await (await fetch(`${demo.url}sim/v1/faults`)).json()) as Record<string, unknown>
  const res = await fetch(`${demo.url}sim/v1/faults`, {
    method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ ...faults, only: 'message/send', drop_answers }),
  })
  expect(res.ok).toBe(true)
}

describe('dead letters', () => {
  it('are explained, read, sent again, and put away', async () => {
    // Nobody says what became of them: they are repeated up to three times, and then kept.
    await loseAnswers(1000)
    const phone = await open(browser, demo.url, { viewport: sizes.desktop })
    const hand = PhoneHand.of(phone.page, '王芳')
    await hand.say('打印机卡纸了怎么办')
    const dead = async () => (await get<{ items: unknown[] }>('accounts/it/dead-letters')).items.length
    await expect.poll(dead, { timeout: 60_000 }).toBeGreaterThanOrEqual(1)
    await loseAnswers(0)

    const reader = await as(boss)
    const { page } = reader
    await visit(reader, 'dead-letters')
    await page.getByRole('link', { name: /IT 服务台/ }).click()
    const reason = page.getByRole('button', { name: /未确认是否送达/ })
    await reason.click()
    expect(await reason.getAttribute('aria-pressed')).toBe('true')
    const row = page.locator('.list > li').first()
    await row.getByRole('button', { name: '查看内容' }).click()
    await row.locator('blockquote').waitFor()
    await shot(page, 'ops-dead-letters')
    expect(await violations(page)).toEqual([])

    // What may have arrived is asked about before it goes out a second time.
    await row.getByRole('button', { name: '重新发送' }).click()
    await dialog(page).getByText('可能会收到两次').waitFor()
    await dialog(page).getByRole('button', { name: '重新发送' }).click()
    await page.getByText('已重新发送 1 条').waitFor()
    await hand.place.getByText(/按机身屏幕提示打开前盖/).nth(1).waitFor()
    if ((await dead()) > 0) {
      await page.locator('.list > li').first().getByRole('button', { name: '忽略' }).click()
      await page.getByLabel('忽略的原因').fill('对方已收到')
      await dialog(page).getByRole('button', { name: '忽略' }).click()
      await page.getByText('已忽略 1 条').waitFor()
    }
    expect(reader.errors).toEqual([])
    await visit(reader, 'a/it/audit')
    await page.getByText('重新发送了消息').first().waitFor()
    await page.getByRole('button', { name: '校验' }).click()
    await page.getByText(/^已核对 [1-9]\d* 条，与写入时一致$/).waitFor()
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '导出' }).click()])
    expect(file.suggestedFilename()).toMatch(/^it-audit-\d{8}\.csv$/)
    expect(await readFile(await file.path(), 'utf8')).toContain('deadletter.retried')
    await Promise.all([reader.context.close(), phone.context.close()])
  })
})

describe('tokens', () => {
  it('are made, shown once, work, and are revoked', async () => {
    const reader = await as(boss)
    const { page } = reader
    await visit(reader, 'tokens')
    await page.getByRole('button', { name: '创建令牌' }).click()
    await page.getByLabel('名称').fill('数据同步')
    await dialog(page).locator('.t-select__wrap').first().click()
    await page.getByText('人事服务', { exact: true }).last().click()
    await dialog(page).getByText('角色').click() // closes the list
    await dialog(page).getByRole('button', { name: '创建令牌' }).click()
    const made = (await page.locator('code').textContent()) ?? ''
    expect(made).toMatch(/^dmt_/)
    const accounts = await get<{ items: { key: string }[] }>('accounts', made)
    expect(accounts.items.map((a) => a.key)).toEqual(['hr'])
    await page.getByRole('button', { name: '我已保存' }).click()
    await page.getByRole('button', { name: '撤销 数据同步' }).click()
    await dialog(page).getByRole('button', { name: '撤销' }).click()
    await page.getByText('已撤销').waitFor()
    const res = await fetch(`${demo.desk}/api/v1/accounts`, { headers: { Authorization: `Bearer ${made}` } })
    expect(res.status).toBe(401)
    expect(reader.errors).toEqual([])
    await reader.context.close()
  })
})

describe('the system page', () => {
  it('shows who runs and what waits', async () => {
    const reader = await as(boss)
    await visit(reader, 'system')
    await reader.page.getByText('当前副本').waitFor()
    await reader.page.getByRole('rowheader', { name: 'IT 服务台' }).waitFor()
    expect(reader.errors).toEqual([])
    await reader.context.close()
  })
})
