import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violations } from './axe'
import { desktop, launch, looks, out, signIn, startDemo, type Demo } from './demo'

let demo: Demo
let browser: Browser

/** Days go by; what is open idles out on the way. */
async function later(days: number) {
  const answer = await fetch(`${demo.url}sim/v1/clock/advance`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ seconds: Math.round(days * 86_400) }),
  })
  expect(answer.ok).toBe(true)
}

beforeAll(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launch()])
  // A day, and until ten in the morning, so that no test runs past midnight, when more is due.
  const day = 86_400_000
  const shanghai = (Date.now() + 8 * 3_600_000) % day
  await later(1 + ((10 * 3_600_000 - shanghai + day) % day) / day)
}, 60_000)
afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

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
  const plan = async () => (await (await context.request.get(`${demo.desk}/api/v1/accounts/it/retention?records=30`)).json()) as { records: { sessions: number; messages: number }; ran_at?: string }
  return { page, context, errors, plan }
}

const shot = (page: Page, name: string) => page.screenshot({ path: join(out, `privacy-${name}.png`), animations: 'disabled' })

describe('retention', () => {
  it('is counted, confirmed by a word, and deletes what was counted', async () => {
    await later(45)
    const wrong: string[] = []
    for (const [name, options] of looks) {
      const { page, context, errors } = await as('zhaolei', options)
      await page.goto(`${demo.desk}/a/it/settings/retention`)
      const records = page.locator('.card').filter({ has: page.getByRole('heading', { name: '会话记录' }) })
      await records.getByText('保留一段时间').click()
      await page.getByLabel('会话记录保留天数').fill('30')
      await records.getByText(/保存后将删除.*个会话/).waitFor()
      await shot(page, `retention-${name}`)
      wrong.push(...(await violations(page)).map((v) => `${name}: ${v}`))
      await page.getByRole('button', { name: '保存', exact: true }).click()
      await page.getByText('超过保留期限的数据将被永久删除').waitFor()
      await shot(page, `retention-confirm-${name}`)
      wrong.push(...(await violations(page)).map((v) => `${name} dialog: ${v}`))
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: '保存并开始删除' }).waitFor({ state: 'hidden' })
      expect(errors).toEqual([])
      await context.close()
    }
    expect(wrong).toEqual([])

    const { page, context, errors, plan } = await as('zhaolei')
    const before = await plan()
    expect(before.records.sessions).toBeGreaterThan(0)
    await page.goto(`${demo.desk}/a/it/settings/retention`)
    await page.locator('.card').filter({ has: page.getByRole('heading', { name: '会话记录' }) }).getByText('保留一段时间').click()
    await page.getByLabel('会话记录保留天数').fill('30')
    await page.locator('.plan').getByText(`${before.records.sessions} 个会话`).waitFor()
    await page.getByRole('button', { name: '保存', exact: true }).click()
    const confirm = page.getByRole('button', { name: '保存并开始删除' })
    expect(await confirm.isDisabled()).toBe(true)
    await page.getByLabel(/请输入/).fill('永久删除')
    await confirm.click()
    await page.getByText('已保存').waitFor()
    await later(1 / 12) // the next run is due by then
    // A run that comes before what happened is counted tries again a minute later.
    const left = async () => {
      await later(1 / 720)
      return (await plan()).records.sessions
    }
    await expect.poll(left, { timeout: 60_000, interval: 3000 }).toBe(0)
    await page.reload()
    await page.getByText(`累计已删除 ${before.records.sessions} 个会话`).waitFor()
    expect(errors).toEqual([])
    await context.close()
  }, 120_000)
})

describe('erasure', () => {
  it('says what stands in the way, takes a userid twice, and leaves a proof', async () => {
    const wrong: string[] = []
    for (const [name, options] of looks) {
      const { page, context, errors } = await as('yangjing', options)
      await page.goto(`${demo.desk}/erasures`)
      await page.getByLabel('员工的 userid').fill('liming')
      await page.getByRole('button', { name: '查看将清除的内容' }).click()
      await page.getByText(/该成员还是.*坐席/).waitFor()
      await shot(page, `erasure-refused-${name}`)
      await page.getByLabel('员工的 userid').fill('WangFang')
      await page.keyboard.press('Enter')
      await page.getByText('王芳（wangfang）').waitFor()
      await shot(page, `erasure-plan-${name}`)
      wrong.push(...(await violations(page)).map((v) => `${name}: ${v}`))
      expect(errors).toEqual([])
      await context.close()
    }
    expect(wrong).toEqual([])
    const owner = await as('zhaolei')
    expect((await owner.context.request.get(`${demo.desk}/api/v1/erasures`)).status()).toBe(403)
    await owner.page.goto(`${demo.desk}/accounts`)
    await owner.page.getByRole('link', { name: '服务账号' }).first().waitFor()
    expect(await owner.page.getByRole('link', { name: '清除员工数据' }).count()).toBe(0)
    await owner.context.close()

    const { page, context, errors } = await as('yangjing')
    await page.goto(`${demo.desk}/erasures`)
    await page.getByLabel('员工的 userid').fill('wangfang')
    await page.keyboard.press('Enter')
    const erase = page.getByRole('button', { name: '永久清除' })
    await erase.waitFor()
    await page.getByLabel('请再次输入 wangfang 以确认').fill('wangfang')
    await page.getByLabel('原因').fill('王芳本人申请')
    await erase.click()
    await page.getByText('原因会永久保留，请不要写员工的姓名或 userid').waitFor()
    await page.getByLabel('原因').fill('本人书面申请')
    await erase.click()
    const row = page.getByRole('listitem').filter({ hasText: '本人书面申请' })
    await row.getByText('已清除', { exact: true }).waitFor({ timeout: 30_000 })
    const [download] = await Promise.all([page.waitForEvent('download'), row.getByRole('link', { name: /下载证明/ }).click()])
    const proof = await readFile(await download.path(), 'utf8')
    await row.getByRole('button', { name: /明细/ }).click()
    await row.getByText(createHash('sha256').update(proof).digest('hex')).waitFor()
    expect(JSON.parse(proof)).toMatchObject({ found: 0, reason: '本人书面申请', directory: true })
    expect(proof).not.toContain('wangfang')
    expect(proof).not.toContain('王芳')
    await context.close()
    for (const [name, options] of looks) {
      const seen = await as('yangjing', options)
      await seen.page.goto(`${demo.desk}/erasures`)
      await seen.page.getByRole('button', { name: /明细/ }).click()
      await seen.page.getByText('员工核验码').waitFor()
      await shot(seen.page, `erasure-done-${name}`)
      wrong.push(...(await violations(seen.page)).map((v) => `${name}: ${v}`))
      await seen.context.close()
    }
    expect(wrong).toEqual([])
    expect(errors).toEqual([])
  }, 120_000)
})
