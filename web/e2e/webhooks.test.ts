import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violations } from './axe'
import { launch, out, signIn, startDemo, type Demo } from './demo'

let demo: Demo
let browser: Browser
let receiver: Server
const got: { type: string; signed: boolean }[] = []
let answer = 204

beforeAll(async () => {
  receiver = createServer((req, res) => {
    let body = ''
    req.on('data', (part: Buffer) => (body += part.toString()))
    req.on('end', () => {
      got.push({ type: (JSON.parse(body) as { type: string }).type, signed: String(req.headers['webhook-signature']).startsWith('v1,') })
      res.writeHead(answer).end()
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  ;[demo, browser] = await Promise.all([startDemo(), launch()])
})

afterAll(async () => {
  await browser?.close()
  await demo?.stop()
  receiver?.close()
})

const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }

async function visit(who: string, viewport = sizes.desktop, colorScheme: 'light' | 'dark' = 'light') {
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport, colorScheme })
  await signIn(context, demo, who)
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const errors: string[] = []
  page.on('console', (m) => {
    if (m.type() === 'error' || m.type() === 'warning') errors.push(m.text())
  })
  page.on('pageerror', (err) => errors.push(String(err)))
  await page.goto(`${demo.desk}/a/it/webhooks`)
  await page.getByRole('heading', { level: 1, name: 'Webhook' }).waitFor()
  return { page, context, errors }
}

const dialog = (page: Page) => page.locator('.t-dialog').filter({ visible: true })

describe('webhooks', () => {
  it('are made, tried, read, renewed and taken away', async () => {
    const { page, context, errors } = await visit('zhaolei')
    await page.getByText('还没有 Webhook').waitFor()
    await page.getByRole('button', { name: '新建 Webhook' }).click()
    await page.getByLabel('名称').fill('工单系统')
    await page.getByLabel('接收地址').fill('http://10.0.0.1/hook')
    await dialog(page).getByRole('button', { name: '保存' }).click()
    await page.getByRole('alert').getByText('DESKMATE_WEBHOOK_NETWORKS').waitFor()
    await page.getByLabel('接收地址').fill(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`)
    expect(await violations(page), 'the form').toEqual([])
    await page.screenshot({ path: join(out, 'webhooks-form.png'), animations: 'disabled' })
    await dialog(page).getByRole('button', { name: '保存' }).click()
    const secret = dialog(page).locator('code')
    await expect.poll(() => secret.textContent()).toMatch(/^whsec_/)
    await page.getByRole('button', { name: '我已保存' }).click()

    await page.getByRole('button', { name: '发送测试 工单系统' }).click()
    const drawer = page.getByRole('dialog', { name: '「工单系统」的发送记录' })
    await drawer.getByText('已送达 · HTTP 204 · 1 次').waitFor()
    expect(got).toEqual([{ type: 'ping', signed: true }])
    answer = 503
    await drawer.getByText('测试', { exact: true }).click()
    await drawer.getByText('"type": "ping"').waitFor()
    expect(await violations(page), 'the deliveries').toEqual([])
    await page.screenshot({ path: join(out, 'webhooks-deliveries.png'), animations: 'disabled' })
    await drawer.getByRole('button', { name: '重新发送' }).click()
    await drawer.getByText('HTTP 503', { exact: true }).waitFor()
    await drawer.getByRole('button', { name: '关闭' }).click()
    await page.getByText('发送失败，始于').waitFor()
    answer = 204

    await page.getByRole('button', { name: '更换密钥 工单系统' }).click()
    await dialog(page).getByRole('button', { name: '更换密钥' }).click()
    await expect.poll(() => secret.textContent()).toMatch(/^whsec_/)
    await page.getByRole('button', { name: '我已保存' }).click()
    await page.getByText('旧密钥有效至').waitFor()
    await page.getByRole('button', { name: '编辑 工单系统' }).click()
    await page.getByRole('switch', { name: '启用' }).click()
    await dialog(page).getByRole('button', { name: '保存' }).click()
    await page.getByText('已停用').waitFor()
    expect(errors.filter((e) => !e.includes('400'))).toEqual([])
    await context.close()
  })

  it.each([['desktop', 'light'], ['desktop', 'dark'], ['phone', 'light'], ['phone', 'dark']] as const)('look right on a %s, %s', async (size, scheme) => {
    const { page, context, errors } = await visit('zhaolei', sizes[size], scheme)
    await page.getByText('工单系统').waitFor()
    expect(await violations(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0)
    await page.screenshot({ path: join(out, `webhooks-${size}-${scheme}.png`), animations: 'disabled', fullPage: true })
    expect(errors).toEqual([])
    await context.close()
  })

  it('go with what waits', async () => {
    const { page, context } = await visit('yangjing')
    await page.getByRole('button', { name: '删除 工单系统' }).click()
    await dialog(page).getByRole('button', { name: '删除' }).click()
    await page.getByText('还没有 Webhook').waitFor()
    await context.close()
  })
})
