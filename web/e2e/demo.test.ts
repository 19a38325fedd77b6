import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launch, open, out, PhoneHand, startDemo, type Demo } from './demo'
import { png } from './png'

let demo: Demo
let browser: Browser

beforeAll(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launch()])
  await toOfficeHours(demo.url)
})

afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

/** toOfficeHours moves the demo's clock to the next 10:24 in the morning. */
async function toOfficeHours(url: string) {
  const { now } = (await (await fetch(`${url}sim/v1/clock`)).json()) as { now: string }
  const day = 86_400
  const beijing = (Math.floor(Date.parse(now) / 1000) + 8 * 3600) % day
  const seconds = (10 * 3600 + 24 * 60 - beijing + day) % day || day
  const res = await fetch(`${url}sim/v1/clock/advance`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ seconds }),
  })
  expect(res.status).toBe(200)
}

const shot = (page: Page, name: string) => page.screenshot({ path: join(out, `${name}.png`), animations: 'disabled' })

/** overflow is how far the page sticks out sideways. */
const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

/** whoServes is the seat whose phone shows the employee's card. */
async function whoServes(page: Page, employee: string): Promise<PhoneHand> {
  const card = page.getByRole('region', { name: new RegExp(`^#\\d+ ${employee}`) })
  await card.first().waitFor({ state: 'attached' })
  for (const seat of ['李明', '赵磊']) {
    const hand = PhoneHand.of(page, seat)
    if ((await hand.place.locator('section.card', { hasText: new RegExp(`#\\d+ ${employee}`) }).count()) > 0) return hand
  }
  throw new Error('no seat got the session')
}

describe('desktop', () => {
  // Each asks something vague of its own: once one choice is confirmed, the bot has learned it.
  for (const [scheme, employeeName, vague, choice, says] of [
    ['light', '陈晨', '打印机', '打印机怎么连接', /打印助手/], ['dark', '刘洋', '软件', '怎么安装办公软件', /都在软件中心/],
  ] as const) {
    it(`plays a whole conversation, ${scheme}`, { timeout: 120_000 }, async () => {
      const { page, context, errors } = await open(browser, demo.url, { viewport: { width: 1440, height: 900 }, colorScheme: scheme })
      await PhoneHand.of(page, '王芳').sees('感谢您的反馈，我们会改进。')
      await shot(page, `desktop-start-${scheme}`)

      await PhoneHand.of(page, '王芳').place.getByRole('combobox', { name: '谁的手机' }).selectOption({ label: employeeName })
      const employee = PhoneHand.of(page, employeeName)
      await employee.sees(/您好，我是 IT 服务台/)

      // A known question, a similar one, one that nobody wrote down.
      await employee.say('打印机卡纸了怎么办')
      await employee.sees(/按机身屏幕提示打开前盖/)
      await employee.say('会议室的投影怎么连')
      await employee.sees(/会议室电视开机后显示/)
      await employee.say(vague)
      await employee.press('您是不是想问', `1 ${choice}`)
      await employee.sees(says)
      await employee.say('工位的椅子坏了找谁修')
      await employee.card('没有找到答案').waitFor()
      await shot(page, `desktop-miss-${scheme}`)
      await employee.press('没有找到答案', '转人工')
      await employee.sees(/已为您接入坐席/)

      // Both talk, in words and a picture.
      const seat = await whoServes(page, employeeName)
      await seat.say('您好，请拍一张照片发给我。')
      await employee.sees('您好，请拍一张照片发给我。')
      await employee.place.locator('input[type=file]').setInputFiles({ name: '椅子.png', mimeType: 'image/png', buffer: png(320, 240) })
      const picture = seat.place.getByRole('log').locator('.picture img').last()
      await picture.waitFor()
      await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(320)
      await employee.say('三楼 A-17，谢谢！')
      await seat.sees(/三楼 A-17，谢谢！/)
      await seat.say('已登记，今天下午有同事过来更换。')
      await employee.sees('已登记，今天下午有同事过来更换。')
      await page.getByRole('complementary', { name: '接口往来' }).getByRole('button', { name: /发消息/ }).first().click()
      await page.getByLabel('请求').last().waitFor()
      await shot(page, `desktop-talk-${scheme}`)
      await page.getByRole('complementary', { name: '接口往来' }).getByRole('button', { name: /发消息/, expanded: true }).first().click()

      // The seat ends; the employee is not content, and says why.
      await seat.press(new RegExp(`^#\\d+ ${employeeName}`), '结束会话')
      await employee.sees('服务聊天已结束')
      await employee.press('请评价本次服务', '不满意')
      const why = employee.card('哪里没有做好？')
      await why.getByRole('checkbox', { name: '回复太慢' }).check()
      await shot(page, `desktop-survey-${scheme}`)
      await why.getByRole('button', { name: '提交' }).click()
      await employee.sees('感谢您的反馈，我们会改进。')
      await employee.card('哪里没有做好？').getByText('已评价：不满意').waitFor()
      await shot(page, `desktop-end-${scheme}`)

      expect(await overflow(page)).toBe(0)
      expect(errors).toEqual([])
      await context.close()
    })
  }

  it('lets things go wrong, and time pass', async () => {
    const { page, context, errors } = await open(browser, demo.url, { viewport: { width: 1440, height: 900 }, colorScheme: 'light' })
    const strip = page.getByRole('complementary', { name: '接口往来' })
    await page.getByRole('button', { name: '故障' }).click()
    const panel = page.getByRole('dialog', { name: '故障' })
    await panel.getByRole('switch', { name: '系统繁忙 -1' }).click()
    await panel.getByRole('switch', { name: '响应慢' }).click()
    await panel.getByRole('spinbutton', { name: '响应慢' }).fill('300')
    await panel.getByRole('spinbutton', { name: '响应慢' }).press('Tab')
    await shot(page, 'desktop-faults-light')
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })

    const employee = PhoneHand.of(page, '王芳')
    await employee.say('打印机怎么连接')
    await employee.sees(/在软件中心搜索「打印助手」安装/)
    await strip.getByText('失败', { exact: true }).click()
    await strip.getByRole('button', { name: /-1/ }).first().waitFor()

    await page.getByRole('button', { name: '故障' }).click()
    await panel.getByRole('button', { name: '全部恢复' }).click()
    await expect.poll(() => panel.getByRole('switch', { checked: true }).count()).toBe(0)
    await page.keyboard.press('Escape')

    // An expired token is fetched anew, and the human service ends by itself.
    await page.getByRole('button', { name: '令牌失效' }).click()
    await page.getByText('已全部失效').waitFor()
    await employee.say('转人工')
    await employee.sees(/已为您接入坐席/)
    await strip.getByRole('button', { name: /42001/ }).first().waitFor()
    await page.getByRole('button', { name: '时间前进 10 分钟' }).click()
    await employee.sees('服务聊天已结束')

    await page.getByRole('combobox', { name: '语言' }).selectOption('en')
    await page.getByRole('heading', { name: 'Traffic' }).waitFor()
    await shot(page, 'desktop-english-light')
    expect(await overflow(page)).toBe(0)
    expect(errors).toEqual([])
    await context.close()
  })
})

describe('phone', () => {
  for (const [scheme, employeeName] of [['light', '张伟'], ['dark', '杨静']] as const) {
    it(`plays a whole conversation, ${scheme}`, { timeout: 120_000 }, async () => {
      const { page, context, errors } = await open(browser, demo.url, {
        viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, colorScheme: scheme,
      })
      const show = (name: string) => page.getByRole('tab', { name }).click()
      await PhoneHand.of(page, '王芳').place.getByRole('combobox', { name: '谁的手机' }).selectOption({ label: employeeName })
      const employee = PhoneHand.of(page, employeeName)
      await employee.say('打印机夹住纸了')
      await employee.sees(/按机身屏幕提示打开前盖/)
      await employee.say('今天食堂吃什么')
      await employee.card('没有找到答案').waitFor()
      await shot(page, `phone-miss-${scheme}`)

      // 转人工 stands in the app's menu, too.
      await employee.place.getByRole('button', { name: '切换到菜单' }).click()
      await shot(page, `phone-menu-${scheme}`)
      await employee.place.getByRole('navigation', { name: '应用菜单' }).getByRole('button', { name: '转人工' }).click()
      await employee.sees(/已为您接入坐席/)
      await employee.place.getByRole('button', { name: '切换到输入框' }).click()

      const tab = page.getByRole('tab').filter({ has: page.getByRole('img', { name: '有新消息' }) })
      await tab.waitFor()
      await tab.click()
      const seat = PhoneHand.of(page, ((await tab.count()) ? await tab.innerText() : await page.getByRole('tab', { selected: true }).innerText()).trim().split('\n').at(-1) ?? '')
      await seat.say('年会在总部礼堂，下周发通知。')
      await shot(page, `phone-seat-${scheme}`)
      await seat.say('#结束')
      await seat.sees(/已结束与/)

      await show(employeeName)
      await employee.sees('服务聊天已结束')
      await employee.press('请评价本次服务', '不满意')
      const why = employee.card('哪里没有做好？')
      await why.getByRole('checkbox', { name: '没有解决问题' }).check()
      await why.getByRole('button', { name: '提交' }).click()
      await employee.sees('感谢您的反馈，我们会改进。')
      await shot(page, `phone-survey-${scheme}`)

      await page.getByRole('button', { name: '接口往来' }).click()
      await page.getByRole('dialog', { name: '接口往来' }).getByRole('button', { name: /点卡片/ }).first().click()
      await shot(page, `phone-traffic-${scheme}`)
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: '设置' }).click()
      await page.getByRole('dialog', { name: '设置' }).getByRole('switch', { name: '丢失' }).waitFor()
      await shot(page, `phone-settings-${scheme}`)
      await page.keyboard.press('Escape')

      expect(await overflow(page)).toBe(0)
      expect(errors).toEqual([])
      await context.close()
    })
  }
})

describe('the server', () => {
  it('is missed when it goes, and stops clean', async () => {
    const other = await startDemo()
    const { page, context } = await open(browser, other.url, { viewport: { width: 1440, height: 900 }, colorScheme: 'light' })
    expect(await other.stop()).toBe(0)
    await page.getByRole('alert').getByText('与模拟器的连接断开了').waitFor()
    await shot(page, 'desktop-offline-light')
    await context.close()
  })
})
