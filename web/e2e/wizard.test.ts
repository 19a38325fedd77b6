import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violations } from './axe'
import { launch, out, program, startDemo, type Demo } from './demo'

let demo: Demo
let browser: Browser

beforeAll(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launch()])
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }
const shot = (page: Page, name: string) => page.screenshot({ path: join(out, `wizard-${name}.png`), animations: 'disabled', fullPage: true })
const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

interface Reader {
  page: Page
  context: BrowserContext
  errors: string[]
}

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

async function visit({ page }: Reader, path: string) {
  await page.goto(`${demo.desk}/${path}`)
  await page.getByRole('heading', { level: 1 }).waitFor()
}

const sim = (path: string, init?: RequestInit) => fetch(`${demo.url}sim/v1/${path}`, { headers: { 'Content-Type': 'application/json' }, ...init })
const check = (page: Page, id: string, state: string) => page.locator(`[data-check="${id}"][data-state="${state}"]`).first().waitFor()

/** settled waits until what comes and goes has gone: toasts, and a button's colour under the mouse. */
async function settled(page: Page) {
  await page.mouse.move(0, 0)
  await page.locator('.t-message').first().waitFor({ state: 'detached' })
}

/** pasted is what stands beside a copy button. */
async function pasted(page: Page, label: string): Promise<string> {
  return (await page.locator('.copy', { has: page.getByRole('button', { name: `复制 ${label}`, exact: true }) }).locator('code').innerText()).trim()
}

/** choose picks one member in the picker behind a button. */
async function choose(page: Page, button: string, userid: string) {
  await page.getByRole('button', { name: button }).click()
  const dialog = page.locator('.t-dialog:visible')
  await dialog.locator('input').first().fill(userid)
  await dialog.getByRole('checkbox').nth(1).waitFor({ state: 'detached' }) // the search has narrowed to one
  await dialog.getByRole('checkbox').first().check()
  await dialog.getByRole('button', { name: '添加', exact: true }).click()
}

interface ConsoleApp {
  agentid: number
  corp_id: string
  secret: string
  callback: string
}

async function faults(untrusted: boolean) {
  const now = (await (await sim('faults')).json()) as Record<string, unknown>
  await sim('faults', { method: 'PUT', body: JSON.stringify({ ...now, untrusted_ip: untrusted }) })
}

describe('the set-up', () => {
  it('goes from nothing to the first answer', { timeout: 90_000 }, async () => {
    const boss = await as('yangjing')
    const { page } = boss
    const apps = ((await (await sim('console/apps')).json()) as { items: ConsoleApp[] }).items
    const app = apps.find((a) => !a.callback)
    if (!app) throw new Error('the demo has no app that is free')

    // The account.
    await visit(boss, 'accounts')
    await page.getByRole('link', { name: '新建服务账号' }).click()
    const make = page.getByRole('button', { name: '创建账号', exact: true }).last()
    await page.getByLabel('账号名称').fill('行政服务')
    await page.getByLabel('标识').fill('行政')
    await page.getByText('只能用小写字母').waitFor()
    await page.getByLabel('标识').fill('admin')
    await page.getByLabel('企业ID').fill(` ${app.corp_id}　`) // as pasted from Word
    await page.getByLabel('AgentId').fill(String(app.agentid))
    await page.getByLabel('Secret').fill('not-the-secret')
    expect(await violations(page)).toEqual([])
    await shot(page, 'create')
    await faults(true)
    await make.click()

    // The app. Our own address is named while it isn't trusted, then the secret is wrong, then right.
    await check(page, 'trusted_ip', 'failed')
    expect(await pasted(page, 'IP')).toMatch(/^[\d.:a-f]+$/)
    await shot(page, 'connect-untrusted')
    await faults(false)
    await check(page, 'token', 'failed')
    await page.getByText('Secret 不对，或已被重置').waitFor()
    await page.getByRole('button', { name: '编辑', exact: true }).click()
    await page.getByLabel('Secret').fill(app.secret)
    await page.getByRole('button', { name: '保存', exact: true }).click()
    for (const id of ['token', 'trusted_ip', 'app', 'visible_range']) await check(page, id, 'ok')
    await check(page, 'callback', 'unknown')

    // WeCom's console refuses another token, and the page says what it saw.
    const callback = { url: await pasted(page, 'URL'), token: await pasted(page, 'Token'), aes_key: await pasted(page, 'EncodingAESKey') }
    const save = (body: object) => sim(`console/apps/${app.agentid}/callback`, { method: 'PUT', body: JSON.stringify(body) })
    expect((await save({ ...callback, token: 'another' })).status).toBe(409)
    await page.getByText('企业微信来过，但签名不对').waitFor()
    expect((await save(callback)).status).toBe(204)
    await check(page, 'callback', 'ok')
    await page.getByText('应用已接入').waitFor()
    await settled(page)
    expect(await violations(page)).toEqual([])
    await shot(page, 'connected')

    // What was generated is not told again.
    await page.reload()
    await check(page, 'callback', 'ok')
    await page.getByText('不再显示。没有抄下来的话').waitFor()
    expect(await page.getByText(callback.token).count()).toBe(0)

    // Seats, the first question, and a look.
    await page.getByRole('button', { name: '下一步' }).click()
    await choose(page, '添加坐席', 'zhoumin')
    await page.getByRole('button', { name: '删除 周敏' }).waitFor()
    await shot(page, 'seats')
    await page.getByRole('button', { name: '下一步' }).click()
    await page.setInputFiles('input[type=file]', {
      name: 'admin.csv', mimeType: 'text/csv', buffer: Buffer.from('分组,标准问题,相似问题,答案,状态\n行政,怎么订会议室,预订会议室,在 OA 里点会议室预订。,启用\n行政,,没有问题,没有答案,启用\n'),
    })
    await page.getByRole('button', { name: '导入 1 条' }).click()
    await page.getByText('已导入', { exact: false }).first().waitFor()
    await page.getByLabel('问题', { exact: true }).fill('快递放在哪里')
    await page.getByLabel('答案').fill('一楼前台的快递柜。')
    await page.getByRole('button', { name: '添加', exact: true }).click()
    await page.getByText('已添加 1 条').waitFor()
    await shot(page, 'knowledge')
    await page.getByRole('button', { name: '下一步' }).click()
    await page.getByLabel('问题', { exact: true }).fill('怎么订会议室')
    await page.getByRole('button', { name: '问一问' }).click()
    await page.getByText('在 OA 里点会议室预订。').waitFor()
    expect((await sim(`apps/${app.agentid}/members/wangfang/messages`, { method: 'POST', body: JSON.stringify({ type: 'text', text: '快递放在哪里' }) })).status).toBe(201)
    await page.getByText('收到了！账号已经在工作。').waitFor()
    await settled(page)
    expect(await violations(page)).toEqual([])
    await shot(page, 'try')

    // And it stands in the list.
    await visit(boss, 'accounts')
    await page.getByText('行政服务').first().waitFor()
    expect(await page.getByText('未接入', { exact: true }).count()).toBe(0)
    expect(boss.errors).toEqual([])
    await boss.context.close()
  })
})

describe('an account', () => {
  it('has owners that a super admin names, and they run it within limits', { timeout: 60_000 }, async () => {
    const boss = await as('yangjing')
    await visit(boss, 'a/hr/owners')
    await choose(boss.page, '添加负责人', 'zhaolei')
    await boss.page.getByRole('button', { name: '移除 赵磊' }).waitFor()

    const zhao = await as('zhaolei')
    await visit(zhao, 'a/hr/setup?step=connect')
    await zhao.page.getByText('只有超级管理员能接入应用。请联系：杨静').waitFor()
    expect(await zhao.page.getByRole('button', { name: '编辑', exact: true }).count()).toBe(0)
    await visit(zhao, 'a/hr/danger')
    await zhao.page.getByText('只有超级管理员能删除账号。请联系：杨静').waitFor()
    expect(await zhao.page.getByRole('button', { name: '永久删除' }).count()).toBe(0)
    for (const path of ['a/hr/owners', 'setup']) {
      await zhao.page.goto(`${demo.desk}/${path}`)
      await zhao.page.getByText('页面不存在').waitFor()
    }

    await boss.page.getByRole('button', { name: '移除 赵磊' }).click()
    await boss.page.locator('.t-dialog:visible').getByRole('button', { name: '移除', exact: true }).click()
    await boss.page.getByRole('button', { name: '移除 赵磊' }).waitFor({ state: 'detached' })
    await zhao.page.goto(`${demo.desk}/a/hr`)
    await zhao.page.getByText('页面不存在').waitFor()
    expect([...boss.errors, ...zhao.errors]).toEqual([])
    await Promise.all([boss.context.close(), zhao.context.close()])
  })

  it('puts the file below the domain that WeCom looks for', { timeout: 30_000 }, async () => {
    const boss = await as('yangjing')
    await visit(boss, 'a/it/setup?step=connect')
    await boss.page.setInputFiles('input[type=file]', { name: 'WW_verify_0123456789abcdef.txt', mimeType: 'text/plain', buffer: Buffer.from('0123456789abcdef\n') })
    await boss.page.getByRole('button', { name: '放好' }).click()
    await boss.page.getByRole('link', { name: '/WW_verify_0123456789abcdef.txt' }).waitFor()
    const res = await fetch(`${demo.desk}/WW_verify_0123456789abcdef.txt`)
    expect([res.status, await res.text()]).toEqual([200, '0123456789abcdef'])
    expect((await fetch(`${demo.desk}/WW_verify_x.txt`)).status).toBe(404)
    await boss.context.close()
  })

  it.each([['desktop', 'light'], ['desktop', 'dark'], ['phone', 'light'], ['phone', 'dark']] as const)('looks right on a %s, %s', { timeout: 60_000 }, async (size, scheme) => {
    const boss = await as('yangjing', sizes[size], scheme)
    for (const [name, path] of [
      ['accounts', 'accounts'], ['new', 'setup'], ['overview', 'a/it'], ['connect', 'a/it/setup?step=connect'], ['checks', 'a/it/checks'], ['owners', 'a/it/owners'], ['danger', 'a/it/danger'],
    ] as const) {
      await visit(boss, path)
      await boss.page.getByText(/正在(检查|加载)/).filter({ visible: true }).first().waitFor({ state: 'detached' })
      await shot(boss.page, `${name}-${size}-${scheme}`)
      if ((size === 'desktop') === (scheme === 'dark')) expect(await violations(boss.page), name).toEqual([])
      expect(await overflow(boss.page), name).toBeLessThanOrEqual(0)
    }
    expect(boss.errors).toEqual([])
    await boss.context.close()
  })

  it('is switched off, and deleted with its name typed', { timeout: 60_000 }, async () => {
    const boss = await as('yangjing')
    const { page } = boss
    await visit(boss, 'a/hr/danger')
    await page.getByRole('button', { name: '停用', exact: true }).click()
    await page.locator('.t-dialog:visible').getByRole('button', { name: '停用', exact: true }).click()
    await page.getByRole('button', { name: '启用', exact: true }).waitFor()
    const button = page.getByRole('button', { name: '永久删除' })
    await page.getByLabel(/请输入账号名称/).fill('人事')
    expect(await button.isDisabled()).toBe(true)
    await page.getByLabel(/请输入账号名称/).fill('人事服务')
    await button.click()
    await page.getByRole('heading', { level: 1, name: '服务账号' }).waitFor()
    await page.getByRole('link', { name: /IT 服务台/ }).waitFor()
    // It is being deleted, or has been.
    await page.getByRole('link', { name: /人事服务/ }).waitFor({ state: 'detached', timeout: 30_000 })
    const list = execFileSync(program, ['account', 'list'], { env: { DESKMATE_DATA_DIR: demo.dir }, encoding: 'utf8' })
    expect(list).not.toContain('人事服务')
    expect(boss.errors).toEqual([])
    await boss.context.close()
  })
})
