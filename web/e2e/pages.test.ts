import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { violations } from './axe'
import { desktop, launch, looks, out, phone, signIn, startDemo, type Demo } from './demo'

// Every page of the console, and the workbench, in every look and both languages. What can be done there is tested by feature.

let demo: Demo
let browser: Browser
let boss: BrowserContext
const ids: Record<string, string> = {}

const all = [
  ...looks,
  ['english', { ...desktop, colorScheme: 'light' }],
  ['english-phone', { ...phone, colorScheme: 'dark' }],
] as const

const settings = ['profile', 'seats', 'assignment', 'bot', 'service', 'hours', 'survey', 'quick', 'groups', 'scope', 'retention', 'other']

/** addresses are, for each path of a feature's routes, those that are looked at. */
const addresses: Record<string, () => string[]> = {
  '/accounts': () => ['/accounts'],
  '/a/:account': () => ['/a/it'],
  '/a/:account/settings/:section?': () => settings.map((section) => `/a/it/settings/${section}`),
  '/a/:account/owners': () => ['/a/it/owners'],
  '/a/:account/danger': () => ['/a/it/danger'],
  '/a/:account/setup': () => ['/a/it/setup'],
  '/a/:account/checks': () => ['/a/it/checks'],
  '/setup': () => ['/setup'],
  '/a/:account/knowledge': () => ['/a/it/knowledge'],
  'entries/new': () => ['/a/it/knowledge/entries/new'],
  'entries/:id': () => [`/a/it/knowledge/entries/${ids.entry}`],
  misses: () => ['/a/it/knowledge/misses'],
  test: () => ['/a/it/knowledge/test'],
  golden: () => ['/a/it/knowledge/golden'],
  imports: () => ['/a/it/knowledge/imports'],
  'imports/:id': () => [`/a/it/knowledge/imports/${ids.import}`],
  synonyms: () => ['/a/it/knowledge/synonyms'],
  changes: () => ['/a/it/knowledge/changes'],
  '/a/:account/records': () => ['/a/it/records'],
  '/a/:account/records/figure': () => [`/a/it/records/figure?figure=sessions&from=${day(-6)}&to=${day(0)}`],
  '/a/:account/records/:id(\\\\d+)': () => [`/a/it/records/${ids.record}`],
  '/a/:account/statistics': () => ['/a/it/statistics'],
  '/a/:account/statistics/survey': () => ['/a/it/statistics/survey'],
  '/a/:account/statistics/accounts': () => ['/a/it/statistics/accounts'],
  '/a/:account/dead-letters': () => ['/a/it/dead-letters'],
  '/a/:account/audit': () => ['/a/it/audit'],
  '/a/:account/webhooks': () => ['/a/it/webhooks'],
  '/dead-letters': () => ['/dead-letters'],
  '/audit': () => ['/audit'],
  '/admins': () => ['/admins'],
  '/logins': () => ['/logins'],
  '/tokens': () => ['/tokens'],
  '/erasures': () => ['/erasures'],
  '/system': () => ['/system'],
  '/api-docs': () => ['/api-docs'],
  '/desk': () => ['/desk'],
  '/desk/:account/:session': () => [`/desk/it/${ids.session}`],
  '/login': () => [], // for people who are not signed in: signin.test.ts
}

const day = (from: number) => new Date(Date.now() + from * 86_400_000 + 8 * 3_600_000).toISOString().slice(0, 10) // in Shanghai

async function get<T>(path: string): Promise<T> {
  const res = await boss.request.get(`${demo.desk}/api/v1/accounts/it/${path}`)
  expect(res.ok(), `${path}: ${res.status()} ${await res.text()}`).toBe(true)
  return (await res.json()) as T
}
interface Items { items: { id: string }[] }

beforeAll(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launch()])
  boss = await browser.newContext()
  await signIn(boss, demo, 'yangjing')
  const file = { name: '问答.csv', mimeType: 'text/csv', buffer: Buffer.from('标准问题,答案\n打印机没墨了怎么办,找行政领墨盒\n硒鼓怎么换,') }
  const made = await boss.request.post(`${demo.desk}/api/v1/accounts/it/imports`, { multipart: { file } })
  expect(made.ok(), await made.text()).toBe(true)
  ids.import = ((await made.json()) as { id: string }).id
  ids.entry = (await get<Items>('entries?limit=1')).items[0]?.id ?? ''
  for (const text of ['工位的椅子坏了找谁修', '转人工']) {
    const said = await fetch(`${demo.url}sim/v1/apps/1000002/members/liuyang/messages`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ type: 'text', text }),
    })
    expect(said.ok).toBe(true)
  }
  ids.session = await vi.waitFor(async () => {
    const [session] = (await get<{ items: { id: string; state: string }[] }>('records?limit=1&employee=liuyang')).items
    if (!session || session.state === 'bot') throw new Error('刘洋 has not been handed off')
    return session.id
  }, { timeout: 20_000 })
  ids.record = (await get<Items>('records?limit=1&close_reason=seat_ended')).items[0]?.id ?? ''
  expect(Object.values(ids).filter((id) => !id)).toEqual([])
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

const routes = import.meta.glob<string>('../src/features/*/routes.ts', { query: '?raw', import: 'default', eager: true })

it('are all looked at', () => {
  const paths = Object.values(routes).flatMap((source) => [...source.matchAll(/\bpath: '([^']+)'/g)].map((found) => found[1] ?? ''))
  expect(Object.keys(addresses).sort()).toEqual([...new Set(paths)].sort())
})

// What the console says in Chinese; English pages say none of it.
type Texts = { [key: string]: string | Texts }
const texts = import.meta.glob<Texts>(['../src/locales/zh-CN.json', '../src/features/*/locales/zh-CN.json'], { import: 'default', eager: true })
const flat = (some: Texts): string[] => Object.values(some).flatMap((text) => (typeof text === 'string' ? text : flat(text)))
// What the demo's people wrote and what its employees are shown, though the console has the same words for its own.
const data = new Set([
  '转人工', '打印', '账号', '权限', '请评价本次服务', '您的评价会帮助我们改进。', '满意', '一般', '不满意', '哪里没有做好？', '感谢您的评价！', '留言', '提交',
])
const chinese = new Set(Object.values(texts).flatMap(flat).filter((text) => /\p{Script=Han}/u.test(text) && !data.has(text)))

/** said are the lines that a page shows or has read out. */
const said = (page: Page) =>
  page.evaluate(() => [
    ...document.body.innerText.split('\n').map((line) => line.trim()),
    ...[...document.querySelectorAll('[aria-label], [placeholder], [title]')].flatMap((e) => ['aria-label', 'placeholder', 'title'].map((name) => e.getAttribute(name) ?? '')),
  ])

/** settled waits until a page has what it shows. */
async function settled(page: Page) {
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await expect.poll(() => page.locator('.spinner, .t-loading, [aria-busy=true]').filter({ visible: true }).count(), { message: page.url(), timeout: 10_000 }).toBe(0)
}

describe('pages', () => {
  it.each(all)('are fit to be seen: %s', { timeout: 240_000 }, async (look, options) => {
    const english = look.startsWith('english')
    const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', baseURL: demo.desk, ...options })
    await signIn(context, demo, 'yangjing')
    if (english) await context.addInitScript(() => localStorage.setItem('deskmate.locale', 'en'))
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    const wrong: string[] = []
    let address = ''
    page.on('pageerror', (err) => wrong.push(`${address}: ${err}`))
    page.on('console', (m) => (m.type() === 'error' || m.type() === 'warning') && wrong.push(`${address}: ${m.text()}`))
    for (address of Object.values(addresses).flatMap((at) => at())) {
      await page.goto(address)
      await settled(page)
      if (new URL(page.url()).pathname === '/404') wrong.push(`${address}: there is no such page`)
      const name = address.replace(/\?.*/, '').replace(/\d{6,}/, 'one').slice(1).replaceAll('/', '-')
      await page.screenshot({ path: join(out, `page-${name}-${look}.png`), animations: 'disabled', fullPage: true })
      const aside = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      if (aside > 0) wrong.push(`${address}: ${aside} px wider than the screen`)
      // Each size and each scheme once: the checks take longer than the pages.
      if (look === 'desktop-light' || look === 'phone-dark') wrong.push(...(await violations(page)).map((v) => `${address}: ${v}`))
      if (english) wrong.push(...(await said(page)).filter((line) => chinese.has(line)).map((line) => `${address}: in Chinese: ${line}`))
    }
    expect(wrong).toEqual([])
    await context.close()
  })
})
