import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violations } from './axe'
import { launch, out, signIn, startDemo, type Demo } from './demo'

const names = { liming: '李明', zhaolei: '赵磊' } as const
type Who = keyof typeof names

let demo: Demo
let browser: Browser

beforeAll(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launch()])
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

const shot = (page: Page, name: string) => page.screenshot({ path: join(out, `desk-${name}.png`), animations: 'disabled' })

interface Seat {
  page: Page
  context: BrowserContext
  errors: string[]
}

/** desk opens the workbench as a seat. */
async function desk(who: Who, options: Parameters<Browser['newContext']>[0] = {}): Promise<Seat> {
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport: { width: 1440, height: 900 }, ...options })
  await signIn(context, demo, who)
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource|ERR_INTERNET_DISCONNECTED/.test(message.text())) errors.push(message.text())
  })
  await page.goto(`${demo.desk}/desk`)
  await page.getByRole('tablist', { name: '会话列表' }).waitFor()
  return { page, context, errors }
}

/** say writes as an employee, on the phone that the simulator holds. */
async function say(userid: string, text: string) {
  const res = await fetch(`${demo.url}sim/v1/apps/1000002/members/${userid}/messages`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ type: 'text', text }),
  })
  expect(res.status).toBe(201)
}

/** heard is what an employee's phone shows of others. */
async function heard(userid: string): Promise<string[]> {
  const res = await fetch(`${demo.url}sim/v1/apps/1000002/members/${userid}/conversation`)
  const { bubbles } = (await res.json()) as { bubbles: { mine: boolean; text?: string }[] }
  return bubbles.filter((b) => !b.mine).map((b) => b.text ?? '')
}

async function until(what: () => Promise<boolean>) {
  await expect.poll(what, { timeout: 15_000, interval: 100 }).toBe(true)
}

async function state(page: Page, name: string) {
  await page.getByRole('button', { name: /^我的状态/ }).click()
  await page.getByRole('menuitemradio', { name: new RegExp(`^${name}`) }).click()
  await page.getByRole('button', { name: new RegExp(`^我的状态：\\s*${name}`) }).waitFor()
}

const row = (page: Page, name: string) => page.getByRole('tabpanel', { name: /我的|排队|机器人|待关注|已结束/ }).getByRole('button', { name: new RegExp(name) })
const log = (page: Page, name: string) => page.getByRole('log', { name: `与${name}的消息` })
const times = async (page: Page, name: string, text: string) => (await log(page, name).getByText(text, { exact: true }).count())

describe('two seats', () => {
  let li: Seat
  let zhao: Seat
  beforeAll(async () => {
    ;[li, zhao] = await Promise.all([desk('liming'), desk('zhaolei')])
  }, 30_000)
  afterAll(async () => {
    await Promise.all([li.context.close(), zhao.context.close()])
  })

  it('take from the queue, and only one gets it', { timeout: 60_000 }, async () => {
    await Promise.all([state(li.page, '离开'), state(zhao.page, '离开')])
    await say('liuyang', '工位的椅子坏了找谁修')
    await say('liuyang', '转人工')
    for (const { page } of [li, zhao]) {
      await page.getByRole('tab', { name: /^排队/ }).click()
      await row(page, '刘洋').click()
      await log(page, '刘洋').getByText('工位的椅子坏了找谁修').waitFor()
    }
    // Neither claim is sent before both are there.
    let both = () => {}
    const ready = new Promise<void>((resolve) => (both = resolve))
    let there = 0
    for (const { page } of [li, zhao]) {
      await page.route('**/claim', async (route) => {
        if (++there === 2) both()
        await ready
        await route.continue()
      })
    }
    await Promise.all([li, zhao].map(({ page }) => page.getByRole('button', { name: '接待', exact: true }).first().click()))
    const lost = await Promise.race(
      [li, zhao].map(async (seat) => {
        await seat.page.getByText(/会话已由 .* 接待/).first().waitFor()
        return seat
      }),
    )
    const won = lost === li ? zhao : li
    await won.page.getByRole('textbox', { name: '给刘洋的消息' }).waitFor()
    expect(await lost.page.getByRole('textbox', { name: '给刘洋的消息' }).count()).toBe(0)
    await shot(lost.page, 'collision')
    await shot(won.page, 'conversation')
    await expectAccessible(won.page)

    // Handed over with a reason, the other one goes on.
    await won.page.keyboard.press('Escape')
    await won.page.keyboard.press('t')
    const dialog = won.page.getByRole('dialog', { name: '转接与刘洋的会话' })
    await state(lost.page, '在线')
    await dialog.getByRole('combobox').fill(lost === li ? '李' : '赵')
    await dialog.getByRole('textbox', { name: /转接原因/ }).fill('他在三楼')
    await shot(won.page, 'transfer')
    await expectAccessible(won.page)
    await dialog.getByRole('button', { name: '转接', exact: true }).click()
    await lost.page.getByRole('tab', { name: /^我的/ }).click()
    await row(lost.page, '刘洋').click()
    await log(lost.page, '刘洋').getByText('他在三楼').first().waitFor()
    const box = lost.page.getByRole('textbox', { name: '给刘洋的消息' })
    await box.fill('马上过来')
    await box.press('Enter')
    await until(async () => (await heard('liuyang')).includes('马上过来'))

    // Ended from the keyboard.
    await box.press('Escape')
    await lost.page.keyboard.press('e')
    const ending = lost.page.getByRole('dialog').getByRole('button', { name: '结束会话' })
    await ending.waitFor()
    await expectAccessible(lost.page)
    await ending.click()
    await until(async () => (await heard('liuyang')).some((text) => text.includes('服务聊天已结束')))
    await lost.page.getByText('坐席结束了会话').waitFor()
    expect([...li.errors, ...zhao.errors]).toEqual([])
  })

  it('lose the network without losing or doubling a message', { timeout: 60_000 }, async () => {
    await Promise.all([state(li.page, '在线'), state(zhao.page, '离线')])
    await say('chenchen', '转人工')
    const { page, context } = li
    await page.keyboard.press('g')
    await page.keyboard.press('m')
    await row(page, '陈晨').click()
    const box = page.getByRole('textbox', { name: '给陈晨的消息' })
    await box.fill('第一条')
    await box.press('Enter')
    await until(async () => (await heard('chenchen')).includes('第一条'))

    // The answer to a send is lost on its way back: it was done, and is not done again.
    let cut = 0
    await context.route('**/replies', async (route) => {
      if (cut++) return route.continue()
      await route.fetch()
      await route.abort('connectionreset')
    })
    await box.fill('第二条')
    await box.press('Enter')
    await until(async () => cut > 1 || (await heard('chenchen')).includes('第二条'))

    await context.setOffline(true)
    await page.getByText(/连接已断开/).waitFor()
    for (const text of ['第三条', '第四条']) {
      await box.fill(text)
      await box.press('Enter')
    }
    await page.getByText('等待网络恢复后发送').first().waitFor()
    await shot(page, 'offline')
    await say('chenchen', '还在吗')
    await say('chenchen', '我等着')
    await context.setOffline(false)
    await until(async () => (await heard('chenchen')).includes('第四条'))
    for (const text of ['还在吗', '我等着']) await log(page, '陈晨').getByText(text, { exact: true }).waitFor()
    await until(async () => (await page.getByRole('article', { name: '正在发送的消息' }).count()) === 0)
    const sent = (await heard('chenchen')).filter((text) => /^第.条$/.test(text))
    expect(sent).toEqual(['第一条', '第二条', '第三条', '第四条'])
    for (const text of ['第一条', '第二条', '第三条', '第四条', '还在吗', '我等着']) expect(await times(page, '陈晨', text), text).toBe(1)
    expect(li.errors).toEqual([])
  })

  it('work from the keyboard and with drafts', { timeout: 60_000 }, async () => {
    const { page } = li
    const box = page.getByRole('textbox', { name: '给陈晨的消息' })
    await box.fill('写到一半')
    // An Enter that ends a composition sends nothing.
    await box.dispatchEvent('keydown', { key: 'Enter', isComposing: true })
    expect(await box.inputValue()).toBe('写到一半')
    await page.reload()
    await box.waitFor()
    expect(await box.inputValue()).toBe('写到一半')
    await box.fill('')
    await box.press('Escape')
    await page.keyboard.press('n')
    await page.keyboard.type('老客户')
    await page.keyboard.press('Enter')
    await log(page, '陈晨').getByText('备注 · 员工不可见').waitFor()
    expect(await heard('chenchen')).not.toContain('老客户')

    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    const palette = page.getByRole('dialog', { name: '命令面板' })
    await palette.getByRole('combobox').fill('保持')
    await shot(page, 'palette')
    await expectAccessible(page)
    await palette.getByRole('combobox').press('Enter')
    await page.getByText('会话会保持打开').waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: '快捷键' }).waitFor()
    await expectAccessible(page)
    await page.keyboard.press('Escape')

    await page.getByRole('button', { name: '工作台设置' }).click()
    await page.getByRole('dialog', { name: '工作台设置' }).waitFor()
    await shot(page, 'settings')
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    const quick = { group: '常用', shortcut: '稍等', title: '请稍等', text: '{员工}您好，请稍等' }
    expect((await li.context.request.post(`${demo.desk}/api/v1/accounts/it/quick-replies`, { data: quick })).ok()).toBe(true)
    await box.fill('/')
    await page.getByRole('listbox').waitFor()
    await shot(page, 'quick')
    await expectAccessible(page)
    await box.press('Escape')

    // What one writes often becomes a quick reply of one's own, without leaving the desk.
    await box.fill('请您先重启电脑，再试一次')
    await page.getByRole('button', { name: '存为快捷回复' }).click()
    const keep = page.getByRole('dialog', { name: '新建快捷回复' })
    expect(await keep.getByLabel('内容').inputValue()).toBe('请您先重启电脑，再试一次')
    await keep.getByRole('textbox', { name: '快捷短语' }).fill('稍等')
    await keep.getByRole('button', { name: '保存' }).click()
    await keep.getByRole('alert').waitFor() // one has it already
    await keep.getByRole('textbox', { name: '快捷短语' }).fill('重启')
    await expect.poll(() => keep.getByRole('alert').count()).toBe(0) // the new one is another matter
    await shot(page, 'quick-new')
    await expectAccessible(page)
    await keep.getByRole('button', { name: '保存' }).click()
    const quicks = page.getByRole('dialog', { name: '快捷回复' })
    await quicks.getByText('/重启').waitFor()
    await shot(page, 'quick-list')
    await expectAccessible(page)
    await quicks.getByRole('searchbox').fill('重启')
    expect(await quicks.getByRole('listitem').count()).toBe(1)
    await quicks.getByRole('button', { name: '编辑 /重启' }).click()
    await page.getByRole('dialog', { name: '修改快捷回复' }).getByLabel('内容').fill('{员工}，请先重启电脑')
    await page.getByRole('dialog', { name: '修改快捷回复' }).getByRole('button', { name: '保存' }).click()
    await quicks.getByText('请先重启电脑').waitFor()
    await quicks.getByRole('button', { name: '填入' }).click()
    await expect.poll(() => box.inputValue()).toBe('陈晨，请先重启电脑')
    await box.fill('/')
    await page.getByRole('button', { name: '管理快捷回复' }).click()
    await quicks.getByRole('button', { name: '删除 /重启' }).click()
    await quicks.getByRole('button', { name: '确定删除' }).click()
    await expect.poll(() => quicks.getByText('/重启').count()).toBe(0)
    await quicks.getByRole('button', { name: '关闭' }).click()
    await box.fill('')

    // What was said last is taken back.
    const line = log(page, '陈晨').getByText('第四条', { exact: true })
    await line.hover()
    await log(page, '陈晨').getByRole('button', { name: '撤回' }).click()
    await page.getByText(/已撤回|不能单独撤回|已撤回 ·/).first().waitFor()
    expect(li.errors).toEqual([])
  })
})

async function expectAccessible(page: Page) {
  expect(await violations(page)).toEqual([])
}

it('asks once for what it shows first, ahead of its script', { timeout: 30_000 }, async () => {
  const { page, context, errors } = await desk('liming')
  const asked: string[] = []
  page.on('request', (r) => asked.push(new URL(r.url()).pathname))
  await page.reload()
  await page.getByRole('tab', { name: /^我的/ }).waitFor()
  await page.waitForLoadState('networkidle')
  expect(asked.filter((path) => path === '/api/v1/me').length).toBe(1)
  const list = asked.findIndex((path) => /^\/api\/v1\/accounts\/\w+\/sessions$/.test(path))
  expect(list).toBeGreaterThan(0)
  expect(list).toBeLessThan(asked.findIndex((path) => path.endsWith('/desk') && path.startsWith('/api/')))
  expect(errors).toEqual([])
  await context.close()
})

describe('phone', () => {
  it.each(['light', 'dark'] as const)('shows one pane at a time, %s', { timeout: 60_000 }, async (colorScheme) => {
    const { page, context, errors } = await desk('liming', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme })
    await page.getByRole('tab', { name: /^我的/ }).click()
    await row(page, '陈晨').waitFor()
    await shot(page, `phone-list-${colorScheme}`)
    await expectAccessible(page)
    await row(page, '陈晨').click()
    await log(page, '陈晨').getByText('第一条').waitFor()
    await shot(page, `phone-talk-${colorScheme}`)
    await expectAccessible(page)
    const box = page.getByRole('textbox', { name: '给陈晨的消息' })
    await box.fill('/')
    await page.getByRole('button', { name: '管理快捷回复' }).click()
    const quicks = page.getByRole('dialog', { name: '快捷回复' })
    await quicks.getByText('/稍等').waitFor()
    await shot(page, `phone-quick-${colorScheme}`)
    await expectAccessible(page)
    await quicks.getByRole('button', { name: '新建' }).click()
    await shot(page, `phone-quick-new-${colorScheme}`)
    await expectAccessible(page)
    await page.getByRole('button', { name: '返回', exact: true }).last().click()
    await quicks.getByRole('button', { name: '关闭' }).click()
    await box.fill('')
    await page.getByRole('button', { name: '侧边栏' }).click()
    await page.getByRole('tab', { name: '员工资料' }).click()
    await page.getByText('chenchen').waitFor()
    await shot(page, `phone-details-${colorScheme}`)
    await expectAccessible(page)
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
    await page.goBack()
    await page.getByRole('textbox', { name: '给陈晨的消息' }).waitFor()
    await page.goBack()
    await row(page, '陈晨').waitFor()
    expect(errors).toEqual([])
    await context.close()
  })
})
