import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violations } from './axe'
import { launch, out, signIn, startDemo, type Demo } from './demo'

// The workbench of those above seats, of a seat of several accounts, and of somebody who is no longer signed in.
let demo: Demo
let browser: Browser

beforeAll(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launch()])
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

const apps = { it: 1000002, hr: 1000003 } as const
const shot = (page: Page, name: string) => page.screenshot({ path: join(out, `desk-${name}.png`), animations: 'disabled' })

async function desk(who: string): Promise<{ page: Page; context: BrowserContext; errors: string[] }> {
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport: { width: 1440, height: 900 } })
  await signIn(context, demo, who)
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) errors.push(message.text())
  })
  await page.goto(`${demo.desk}/desk`)
  await page.getByRole('tablist', { name: '会话列表' }).waitFor()
  return { page, context, errors }
}

async function say(account: keyof typeof apps, userid: string, text: string) {
  const res = await fetch(`${demo.url}sim/v1/apps/${apps[account]}/members/${userid}/messages`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ type: 'text', text }),
  })
  expect(res.status).toBe(201)
}

async function heard(account: keyof typeof apps, userid: string): Promise<string[]> {
  const res = await fetch(`${demo.url}sim/v1/apps/${apps[account]}/members/${userid}/conversation`)
  const { bubbles } = (await res.json()) as { bubbles: { mine: boolean; text?: string }[] }
  return bubbles.filter((b) => !b.mine).map((b) => b.text ?? '')
}

/** setState is of a seat in one account. */
async function setState(context: BrowserContext, account: string, state: 'online' | 'away') {
  const res = await context.request.put(`${demo.desk}/api/v1/accounts/${account}/me/state`, { data: { state }, headers: { 'Idempotency-Key': crypto.randomUUID() } })
  expect(res.status(), await res.text()).toBeLessThan(300)
}

/** away has seats of an account take nobody. */
async function away(account: string, ...seats: string[]) {
  for (const seat of seats) {
    const context = await browser.newContext()
    await signIn(context, demo, seat)
    await setState(context, account, 'away')
    await context.close()
  }
}

const rows = (page: Page) => page.getByRole('tabpanel', { name: /我的|排队|机器人|待关注|已结束/ }).locator('button[data-key]')
const row = (page: Page, name: string) => rows(page).filter({ hasText: name })
const log = (page: Page, name: string) => page.getByRole('log', { name: `与${name}的消息` })
const tab = (page: Page, name: RegExp) => page.getByRole('tab', { name })

describe('an owner', () => {
  it('sees a seat’s session, notes it and takes it over', { timeout: 60_000 }, async () => {
    const [li, zhao] = await Promise.all([desk('liming'), desk('zhaolei')])
    await setState(zhao.context, 'it', 'away')
    await say('it', 'huangtao', '屏幕一直闪')
    await say('it', 'huangtao', '转人工')
    await row(li.page, '黄涛').click()
    const mine = li.page.getByRole('textbox', { name: '给黄涛的消息' })
    await mine.fill('我先看看')
    await mine.press('Enter')
    await expect.poll(() => heard('it', 'huangtao')).toContain('我先看看')
    await mine.fill('还没写完')

    // Whose it is stands in the list of what needs attention, or behind its link.
    const key = await row(li.page, '黄涛').getAttribute('data-key')
    await zhao.page.goto(`${demo.desk}/desk/${key}`)
    await log(zhao.page, '黄涛').getByText('我先看看').waitFor()
    await zhao.page.getByText('李明').first().waitFor()
    const note = zhao.page.getByRole('textbox', { name: /备注/ })
    await note.fill('换一台试试')
    await note.press('Enter')
    await log(li.page, '黄涛').getByText('换一台试试').waitFor()
    expect(await heard('it', 'huangtao')).not.toContain('换一台试试')
    await shot(zhao.page, 'supervisor')
    expect(await violations(zhao.page)).toEqual([])

    await zhao.page.getByRole('button', { name: '接管', exact: true }).click()
    const box = zhao.page.getByRole('textbox', { name: '给黄涛的消息' })
    await box.fill('我来处理')
    await box.press('Enter')
    await expect.poll(() => heard('it', 'huangtao')).toContain('我来处理')
    // The seat cannot answer any more, and what it was writing is not lost.
    await li.page.getByRole('textbox', { name: '给黄涛的消息' }).waitFor({ state: 'detached' })
    expect(await li.page.evaluate(() => JSON.stringify(localStorage))).toContain('还没写完')
    await tab(zhao.page, /^我的/).click()
    await row(zhao.page, '黄涛').waitFor()
    await zhao.page.getByRole('button', { name: '存为知识库问答' }).click()
    const entry = zhao.page.getByRole('dialog', { name: '存为知识库问答' })
    await entry.waitFor()
    expect(await violations(zhao.page)).toEqual([])
    await entry.getByRole('button', { name: '取消' }).click()
    await shot(zhao.page, 'taken-over')

    // Ended, it is among the others that were.
    await zhao.page.getByRole('button', { name: '结束会话' }).first().click()
    await zhao.page.getByRole('dialog').getByRole('button', { name: '结束会话' }).click()
    await tab(zhao.page, /^已结束/).click()
    await row(zhao.page, '黄涛').waitFor()
    expect([...li.errors, ...zhao.errors]).toEqual([])
    await Promise.all([li.context.close(), zhao.context.close()])
  })

  it('sees who waits in the order they came, and gives the first to a seat', { timeout: 60_000 }, async () => {
    const [li, zhao] = await Promise.all([desk('liming'), desk('zhaolei')])
    await Promise.all([setState(li.context, 'it', 'away'), setState(zhao.context, 'it', 'away')])
    const people = { wangfang: '王芳', zhangwei: '张伟', liuyang: '刘洋' }
    for (const [userid, name] of Object.entries(people)) {
      await say('it', userid, '转人工')
      await tab(zhao.page, /^排队/).click()
      await row(zhao.page, name).waitFor()
    }
    const names = () => rows(zhao.page).locator('.name').allTextContents()
    expect(await names()).toEqual(Object.values(people))
    await shot(zhao.page, 'queue')
    // Whoever takes the next takes the first; all see it go.
    await tab(li.page, /^排队/).click()
    await li.page.getByRole('button', { name: /^接入下一位/ }).click()
    await li.page.getByRole('textbox', { name: '给王芳的消息' }).waitFor()
    await expect.poll(names).toEqual(['张伟', '刘洋'])
    expect([...li.errors, ...zhao.errors]).toEqual([])
    await Promise.all([li.context.close(), zhao.context.close()])
  })
})

describe('a seat of several accounts', () => {
  it('has the sessions of all of them, and can narrow to one', { timeout: 60_000 }, async () => {
    const admin = await desk('yangjing')
    const res = await admin.context.request.put(`${demo.desk}/api/v1/accounts/it/seats/sunli`, { data: { capacity: 0, permissions: [], priority: 1 } })
    expect(res.status(), await res.text()).toBeLessThan(300)
    await admin.context.close()
    const seat = await desk('sunli')
    const { page } = seat
    await Promise.all([setState(seat.context, 'it', 'away'), setState(seat.context, 'hr', 'away')])
    await away('it', 'liming', 'zhaolei')
    await away('hr', 'zhoumin')
    await say('it', 'chenchen', '转人工')
    await say('hr', 'huangtao', '转人工')
    await tab(page, /^排队/).click()
    await row(page, '陈晨').filter({ hasText: 'IT 服务台' }).waitFor()
    await row(page, '黄涛').filter({ hasText: '人事服务' }).waitFor()
    await shot(page, 'accounts')
    expect(await violations(page)).toEqual([])
    await page.getByRole('combobox', { name: '账号' }).selectOption({ label: '人事服务' })
    await row(page, '陈晨').waitFor({ state: 'detached' })
    await row(page, '黄涛').click()
    await page.getByRole('button', { name: '接待', exact: true }).first().click()
    const box = page.getByRole('textbox', { name: '给黄涛的消息' })
    await box.fill('您好，这里是人事')
    await box.press('Enter')
    await expect.poll(() => heard('hr', 'huangtao')).toContain('您好，这里是人事')
    expect(await heard('it', 'huangtao')).not.toContain('您好，这里是人事')
    expect(seat.errors).toEqual([])
    await seat.context.close()
  })
})

describe('a login that is revoked', () => {
  it('ends the stream, leads to the sign-in page, and keeps the draft', { timeout: 60_000 }, async () => {
    const { page, context } = await desk('zhoumin')
    await away('hr', 'sunli')
    await setState(context, 'hr', 'online')
    await say('hr', 'liuyang', '转人工')
    await tab(page, /^我的/).click()
    await row(page, '刘洋').click()
    const box = page.getByRole('textbox', { name: '给刘洋的消息' })
    await box.fill('写到一半就被退出')
    // Elsewhere: the same person ends all other logins.
    const other = await browser.newContext()
    await signIn(other, demo, 'zhoumin')
    const list = (await (await other.request.get(`${demo.desk}/api/v1/logins`)).json()) as { items: { id: string; current: boolean }[] }
    for (const login of list.items.filter((l) => !l.current)) expect((await other.request.delete(`${demo.desk}/api/v1/logins/${login.id}`)).ok()).toBe(true)
    await other.close()
    await page.waitForURL(/\/login/, { timeout: 30_000 })
    await shot(page, 'revoked')
    await page.getByRole('button', { name: /周敏/ }).click()
    await box.waitFor()
    expect(await box.inputValue()).toBe('写到一半就被退出')
    await context.close()
  })
})
