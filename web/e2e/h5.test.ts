import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violations } from './axe'
import { launch, out, startDemo, type Demo } from './demo'
import { png } from './png'

const phone = { width: 390, height: 844 }
const it1 = 1000002 // the app of the IT account

let demo: Demo
let browser: Browser
let public_: string // as phones reach it

beforeAll(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launch()])
  public_ = demo.desk.replace('127.0.0.1', 'localhost')
})

afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

interface Opened {
  page: Page
  context: BrowserContext
  errors: string[]
}

/** open opens one of the pages as one of the demo's people; '' is somebody whom nobody knows. */
async function open(path: string, member: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Opened> {
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport: phone, ...options })
  if (member) expect((await context.request.post(`${public_}/api/v1/logins`, { data: { demo: member } })).status()).toBeLessThan(300)
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const errors: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text())
  })
  page.on('pageerror', (error) => errors.push(String(error)))
  await page.goto(public_ + path)
  return { page, context, errors }
}

const shot = (page: Page, name: string) => page.screenshot({ path: join(out, `h5-${name}.png`), animations: 'disabled', fullPage: true })
const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

/** fine is what holds on every page. */
async function fine({ page, errors }: Opened, name: string) {
  await shot(page, name)
  expect(await violations(page)).toEqual([])
  expect(await overflow(page)).toBe(0)
  expect(errors).toEqual([])
}

/** onPhone is what a member's phone shows of an app. */
async function onPhone(member: string, app = it1) {
  const res = await fetch(`${demo.url}sim/v1/apps/${app}/members/${member}/conversation`)
  return (await res.json()) as { menu: { name: string; url?: string }[]; bubbles: { type: string; text?: string; mine: boolean; card?: { title: string; fields?: { url?: string }[] } }[] }
}

async function says(member: string, text: string) {
  const res = await fetch(`${demo.url}sim/v1/apps/${it1}/members/${member}/messages`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ type: 'text', text }),
  })
  expect(res.status).toBe(201)
}

describe('an employee', () => {
  for (const scheme of ['light', 'dark'] as const) {
    it(`finds services, a profile and own records, ${scheme}`, async () => {
      const opened = await open('/h5/?account=it', 'wangfang', { colorScheme: scheme })
      const { page, context } = opened
      await page.getByText('财务部').waitFor()
      await page.getByRole('link', { name: /在家连不上公司内网/ }).waitFor()
      expect(await page.getByText('坐席', { exact: true }).count()).toBe(0)
      await fine(opened, `my-employee-${scheme}`)

      await page.goto(`${public_}/h5/services`)
      await page.getByRole('link', { name: /IT 服务台/ }).waitFor()
      await page.getByRole('searchbox').fill('RSFW')
      await page.getByRole('link', { name: /人事服务/ }).waitFor()
      expect(await page.getByRole('listitem').count()).toBe(1)
      await fine(opened, `services-${scheme}`)
      await page.getByRole('searchbox').fill('没有这个')
      await page.locator('.empty').getByText('没有找到「没有这个」').waitFor()
      await page.getByRole('searchbox').fill('fuwu')
      await page.getByRole('link', { name: /人事服务/ }).click()
      await page.getByRole('heading', { name: '人事服务' }).waitFor()
      await fine(opened, `service-${scheme}`)

      await page.goto(`${public_}/h5/records`)
      await page.getByRole('link', { name: /在家连不上公司内网/ }).click()
      await page.getByText('已登记，今天下午有同事过来更换。').waitFor()
      await fine(opened, `record-${scheme}`)
      await page.goBack()
      await page.getByRole('heading', { name: '服务记录' }).waitFor()
      await fine(opened, `records-${scheme}`)
      await context.close()
    })
  }

  it('starts a conversation: the account writes first', async () => {
    const { page, context } = await open('/h5/services/hr', 'wangfang')
    await page.getByRole('button', { name: '发起咨询' }).click()
    await page.getByText('已给您发了一条消息').waitFor()
    await page.getByText('打开「人事服务」的会话').waitFor()
    await page.getByRole('button', { name: '再发一次' }).click()
    await page.getByRole('button', { name: '再发一次' }).isEnabled()
    await expect.poll(async () => (await onPhone('wangfang', 1000003)).bubbles.filter((b) => b.type === 'text').length).toBe(1)
    await context.close()
  })

  it('sends a file into an open session', async () => {
    await says('wangfang', '转人工')
    const opened = await open('/h5/records?service=it', 'wangfang')
    const { page, context } = opened
    await page.getByRole('link', { name: /转人工.*人工接待中/s }).click()
    await page.getByText('请在企业微信的「IT 服务台」中继续').waitFor()
    await fine(opened, 'record-open')
    await page.getByRole('button', { name: '发送文件' }).click()
    await page.getByLabel('选择文件或图片').setInputFiles({ name: '报错.png', mimeType: 'image/png', buffer: png(64, 64) })
    await shot(page, 'upload')
    await page.getByRole('button', { name: '发送' }).click()
    await page.getByText('已发送。').waitFor()
    expect(await violations(page)).toEqual([])
    await page.goto(`${public_}/h5/records?service=it`)
    await page.getByRole('link', { name: /转人工/ }).first().click()
    const picture = page.getByRole('img', { name: '我发的图片' })
    await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(64)
    await context.close()
  })

  it('says more than a rating, and loses nothing', async () => {
    const phoneShows = await onPhone('wangfang')
    // The card has turned into its reasons, which have no room for a link: the thanks have it.
    const thanks = phoneShows.bubbles.find((b) => b.text?.includes('补充几句话'))
    const link = /href="([^"]+\/h5\/survey\/[^"]+)"/.exec(thanks?.text ?? '')?.[1] ?? ''
    expect(link).not.toBe('')
    const path = new URL(link).pathname
    const opened = await open(path, '') // the link is the proof
    const { page, context } = opened
    const box = page.getByRole('textbox', { name: '想说的话' })
    await box.fill('等了很久才有人回复')
    await page.reload()
    await page.getByText('已恢复上次没有提交的内容').waitFor()
    expect(await box.inputValue()).toBe('等了很久才有人回复')
    await fine(opened, 'survey')

    await context.setOffline(true)
    await page.getByRole('button', { name: '提交' }).click()
    await page.getByText('网络不通，请检查后重试').waitFor()
    await context.setOffline(false)
    await page.getByRole('button', { name: '重新提交' }).click()
    await page.getByText('已保存，谢谢您的反馈').waitFor()
    await box.fill('长'.repeat(501))
    expect(await page.getByRole('button', { name: '修改' }).isEnabled()).toBe(false)
    await box.fill('后来解决得很好')
    await page.getByRole('button', { name: '修改' }).click()
    await page.getByText('已保存，谢谢您的反馈').waitFor()
    const seen = (await (await fetch(`${public_}/api/v1${path.replace('/h5/survey', '/surveys')}`)).json()) as { comment: string; rating: string }
    expect(seen).toMatchObject({ comment: '后来解决得很好', rating: 'bad' })
    await page.goto(`${public_}${path.slice(0, -2)}zz`)
    await page.getByText('链接无效').waitFor()
    await context.close()
  })

  it('tries again when the network is back', async () => {
    const { page, context } = await open('/h5/', 'wangfang')
    await page.getByText('财务部').waitFor()
    await context.route('**/api/**', (route) => route.abort())
    await page.getByRole('link', { name: /IT 服务台/ }).first().click()
    await page.getByText('网络不通，请检查后重试').waitFor()
    await context.unroute('**/api/**')
    await page.getByRole('button', { name: '重试' }).click()
    await page.getByRole('button', { name: '发起咨询' }).waitFor()
    await context.close()
  })

  it('reads English, and keeps it', async () => {
    const opened = await open('/h5/', 'wangfang', { locale: 'en-US' })
    const { page, context } = opened
    await page.getByRole('heading', { name: 'My records' }).waitFor()
    await fine(opened, 'my-english')
    await page.getByRole('button', { name: '中文' }).click()
    await page.getByRole('heading', { name: '服务记录' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: '服务记录' }).waitFor()
    await context.close()
  })
})

describe('a seat', () => {
  it('switches its state and finds the workbench', async () => {
    const opened = await open('/h5/?account=it', 'liming')
    const { page, context } = opened
    expect(await page.getByRole('link', { name: /打开工作台/ }).getAttribute('href')).toBe('/desk')
    await fine(opened, 'my-seat')
    for (const [words, state] of [['离开', 'away'], ['在线', 'online']] as const) {
      await page.getByRole('radio', { name: words }).check({ force: true })
      await expect
        .poll(async () => ((await (await context.request.get(`${public_}/api/v1/accounts/it/me`)).json()) as { state: string }).state, { timeout: 10_000 })
        .toBe(state)
    }
    await context.close()
  })
})

describe('a super admin', () => {
  for (const [scheme, viewport] of [['light', phone], ['dark', { width: 1440, height: 900 }]] as const) {
    it(`sees what goes on, and the way to the console, ${scheme}`, async () => {
      const opened = await open('/h5/', 'yangjing', { colorScheme: scheme, viewport })
      const { page, context } = opened
      expect(await page.getByRole('link', { name: '打开管理后台' }).getAttribute('href')).toBe('/accounts')
      expect(await page.getByRole('link', { name: /IT 服务台.*在线坐席/s }).getAttribute('href')).toBe('/a/it')
      await fine(opened, `my-admin-${scheme}`)
      await context.close()
    })
  }
})

describe('an owner', () => {
  it('sees its own accounts', async () => {
    const opened = await open('/h5/', 'zhoumin')
    const { page, context } = opened
    await page.getByRole('link', { name: /人事服务.*在线坐席/s }).waitFor()
    expect(await page.getByRole('link', { name: /IT 服务台.*在线坐席/s }).count()).toBe(0)
    await fine(opened, 'my-owner')
    await context.close()
  })
})

describe('a phone', () => {
  it('opens 我的 as its member, whoever tapped before', async () => {
    const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport: { width: 1440, height: 900 } })
    const page = await context.newPage()
    await page.goto(demo.url)
    for (const [member, department] of [['王芳', '财务部'], ['李明', '信息技术部']] as const) {
      const place = page.getByLabel(`${member}的手机`, { exact: true })
      await place.getByRole('button', { name: '切换到菜单' }).click()
      const opening = context.waitForEvent('page')
      await place.getByRole('button', { name: '我的' }).click()
      const mine = await opening
      await mine.getByText(member, { exact: true }).last().waitFor()
      await mine.getByText(department, { exact: true }).waitFor()
      expect(new URL(mine.url()).pathname).toBe('/h5/')
    }
    await context.close()
  })
})

describe('the pages', () => {
  it('are light', async () => {
    const context = await browser.newContext({ locale: 'zh-CN' })
    const page = await context.newPage()
    await page.goto(`${public_}/h5/missing/page`)
    await page.getByRole('heading', { name: '没有找到' }).waitFor()
    await page.waitForLoadState('networkidle')
    const bytes = await page.evaluate(() =>
      [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((sum, e) => sum + (e as PerformanceResourceTiming).encodedBodySize, 0),
    )
    expect(bytes).toBeGreaterThan(40_000)
    expect(bytes).toBeLessThan(90_000)
    await context.close()
  })

  it('have somebody sign in by the app that they were opened from', async () => {
    const context = await browser.newContext({ locale: 'zh-CN', viewport: phone })
    await context.route('**/auth/start*', (route) => route.fulfill({ body: 'sign in', contentType: 'text/plain' }))
    const page = await context.newPage()
    await page.goto(`${public_}/h5/?account=it`)
    await page.getByText('sign in').waitFor()
    const asked = new URL(page.url())
    expect(asked.pathname + asked.search).toBe('/auth/start?account=it&to=%2Fh5%2F%3Faccount%3Dit')
    // Coming back without having been signed in leads to no loop.
    await page.goto(`${public_}/h5/records`)
    await page.getByText('登录没有成功').waitFor()
    expect(await page.getByRole('link', { name: '重新登录' }).getAttribute('href')).toBe('/auth/start?account=it&to=%2Fh5%2Frecords')
    await context.close()
  })

  it('stand in the menu', async () => {
    const { menu } = await onPhone('wangfang')
    expect(menu.map((m) => m.name)).toEqual(['转人工', '我的'])
    expect(menu[1]?.url).toBe(`${public_}/h5/?account=it`)
  })
})
