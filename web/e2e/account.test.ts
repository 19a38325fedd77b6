import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violations } from './axe'
import { desktop, launch, out, phone, signIn, startDemo, type Demo } from './demo'

let demo: Demo
let browser: Browser

beforeAll(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launch()])
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
  return { page, context, errors }
}

const open = async (page: Page, section: string) => {
  await page.goto(`${demo.desk}/a/it/settings/${section}`)
  await page.locator('section .card, section form, section .state:not([role])').first().waitFor()
  await page.waitForLoadState('networkidle')
}
const save = (page: Page) => page.getByRole('button', { name: '保存', exact: true }).click()

describe('settings', () => {
  it('are saved, guarded, and told apart where two change them', async () => {
    const { page, context, errors } = await as('zhaolei')
    await open(page, 'profile')
    await page.getByLabel('别名').fill('IT 帮帮忙')
    await page.getByRole('link', { name: '分配方式' }).click()
    await page.getByRole('button', { name: '继续编辑' }).click()
    expect(new URL(page.url()).pathname).toBe('/a/it/settings/profile')

    // Somebody else saves the same part meanwhile.
    const boss = await as('yangjing')
    await open(boss.page, 'profile')
    await boss.page.getByLabel('别名').fill('信息技术')
    await save(boss.page)
    await boss.page.getByText('已保存').waitFor()
    await save(page)
    await page.getByText('设置已被他人修改').waitFor()
    await page.getByText(/您编辑期间，杨静 今天 \d\d:\d\d 保存了这部分设置/).waitFor()
    await page.screenshot({ path: join(out, 'account-conflict.png'), animations: 'disabled' })
    expect(await violations(page)).toEqual([])
    // Looking at theirs loses nothing of mine.
    await page.getByRole('button', { name: '看对方的' }).click()
    await expect.poll(() => page.getByLabel('别名').inputValue()).toBe('信息技术')
    await page.getByRole('button', { name: '恢复我的修改' }).click()
    expect(await page.getByLabel('别名').inputValue()).toBe('IT 帮帮忙')

    // What each changed of different fields is put together.
    await boss.page.getByLabel('座机').fill('010-1234')
    await save(boss.page)
    await expect.poll(async () => (await (await boss.context.request.get(`${demo.desk}/api/v1/accounts/it/settings`)).json()).profile.landline).toBe('010-1234')
    await save(page)
    await page.getByText('你们改的不是同一项').waitFor()
    await page.getByRole('button', { name: '合并', exact: true }).click()
    await expect.poll(() => page.getByLabel('座机').inputValue()).toBe('010-1234')
    expect(await page.getByLabel('别名').inputValue()).toBe('IT 帮帮忙')

    await boss.page.getByLabel('别名').fill('信息')
    await save(boss.page)
    await expect.poll(async () => (await (await boss.context.request.get(`${demo.desk}/api/v1/accounts/it/settings`)).json()).profile.alias).toBe('信息')
    await save(page)
    await page.getByRole('button', { name: '用我的覆盖' }).click()
    await page.getByText('已保存').waitFor()
    await page.reload()
    expect(await page.getByLabel('别名').inputValue()).toBe('IT 帮帮忙')

    await open(page, 'service')
    await page.getByLabel('结束前提醒').fill('60')
    await page.getByLabel('结束前提醒').blur()
    await save(page)
    await page.getByText('结束前提醒应短于自动结束的时长').waitFor()
    expect(errors).toEqual([])
    await context.close()
    await boss.context.close()
  })

  it('bind the bot of group chats, and tell how it is', async () => {
    const owner = await as('zhaolei')
    await open(owner.page, 'groups')
    await owner.page.getByText('已连接').waitFor()
    expect(await owner.page.getByRole('button', { name: '解除绑定' }).count()).toBe(0) // a super admin's
    const allowed = owner.page.locator('.t-switch')
    await allowed.click()
    await save(owner.page)
    await owner.page.getByText('已保存', { exact: true }).waitFor()

    const { page, context, errors } = await as('yangjing')
    await open(page, 'groups')
    await page.getByText('已连接').waitFor()
    const bot = (await (await context.request.get(`${demo.desk}/api/v1/accounts/it/group-bot`)).json()) as { join: boolean; bot_id: string }
    expect(bot.join).toBe(false)
    expect(JSON.stringify(bot)).not.toContain('demo-bot-secret')

    await page.getByRole('button', { name: '编辑' }).click()
    await page.getByLabel('Secret').fill('an-old-secret')
    await save(page)
    await page.getByText(/企业微信拒绝了连接（错误码 \d+）/).waitFor()
    await page.screenshot({ path: join(out, 'account-groups-refused.png'), animations: 'disabled' })
    await page.getByRole('button', { name: '编辑' }).click()
    await page.getByLabel('Secret').fill('中文 secret')
    await save(page)
    await page.getByText('Secret 中间有空格或中文').waitFor()
    await page.getByLabel('Secret').fill('demo-bot-secret')
    await save(page)
    await page.getByText('已连接').waitFor({ timeout: 30_000 })

    await page.getByRole('button', { name: '解除绑定' }).click()
    await page.locator('.t-dialog').getByRole('button', { name: '解除绑定' }).click()
    await page.getByText('还没有绑定机器人').waitFor()
    await page.screenshot({ path: join(out, 'account-groups-none.png'), animations: 'disabled' })
    await expect.poll(() => page.locator('.t-message').count(), { timeout: 10_000 }).toBe(0)
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: '绑定机器人' }).click()
    await page.getByText('URL 回调').click()
    await page.getByLabel('BotID').fill(bot.bot_id)
    await page.getByLabel('Token').fill('callbackToken')
    await page.getByLabel('EncodingAESKey').fill('abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG')
    await page.screenshot({ path: join(out, 'account-groups-edit.png'), animations: 'disabled' })
    await save(page)
    await page.getByText('等待企业微信验证 URL').waitFor()
    await page.getByText('/callback/it/aibot').waitFor()
    expect(errors).toEqual([])
    expect(owner.errors).toEqual([])
    await context.close()
    await owner.context.close()
  })

  it('show how the coming weeks go with hours that are not saved', async () => {
    const { page, context, errors } = await as('zhaolei')
    await open(page, 'hours')
    const preview = page.getByRole('region', { name: '未来四周' })
    if (!(await preview.isVisible())) await page.getByText('按时间表服务').click()
    await expect.poll(() => preview.locator('.day').count()).toBe(28)
    const first = preview.locator('.day').first()
    const before = await first.innerText()
    await page.getByRole('button', { name: '添加一天' }).click()
    await expect.poll(() => preview.locator('.day').nth(1).getAttribute('class')).toContain('own')
    expect(await first.innerText()).toBe(before)
    expect(errors).toEqual([])
    await context.close()
  })

  it.each([['desktop', desktop], ['phone', { ...phone, colorScheme: 'dark' }]] as const)('give the account a picture, cropped: %s', async (name, options) => {
    const { page, context, errors } = await as('zhaolei', options)
    await open(page, 'profile')
    const choose = (file: { name: string; mimeType: string; buffer: Buffer }) => page.locator('input[type=file]').setInputFiles(file)
    await choose({ name: 'note.png', mimeType: 'image/png', buffer: Buffer.from('no picture') })
    await page.getByText('这张图片打不开').waitFor()
    // Left half red, right half blue: what is dragged into the square is what is kept.
    const drawn = await page.evaluate(() => {
      const sheet = document.createElement('canvas')
      sheet.width = 1600
      sheet.height = 800
      const pen = sheet.getContext('2d')!
      pen.fillStyle = 'red'
      pen.fillRect(0, 0, 800, 800)
      pen.fillStyle = 'blue'
      pen.fillRect(800, 0, 800, 800)
      return sheet.toDataURL('image/png').split(',')[1]!
    })
    await choose({ name: 'logo.png', mimeType: 'image/png', buffer: Buffer.from(drawn, 'base64') })
    const area = page.getByRole('img', { name: '头像的可见部分' })
    await area.waitFor()
    await page.screenshot({ path: join(out, `account-crop-${name}.png`), animations: 'disabled' })
    expect(await violations(page)).toEqual([])
    await area.focus()
    for (let i = 0; i < 10; i++) await page.keyboard.press('Shift+ArrowRight') // the left half comes into sight
    await page.locator('.t-dialog').getByRole('button', { name: '保存' }).click()
    await page.getByText('已保存').waitFor()
    await page.getByRole('button', { name: '更换' }).waitFor()
    const seen = await page.locator('.profile img.avatar').first().evaluate(async (img: HTMLImageElement) => {
      await img.decode()
      const sheet = document.createElement('canvas')
      sheet.width = sheet.height = 1
      const pen = sheet.getContext('2d')!
      pen.drawImage(img, 0, 0, 1, 1)
      return { pixel: [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)], side: img.naturalWidth, src: img.getAttribute('src')! }
    })
    expect(seen.pixel).toEqual([255, 0, 0])
    expect(seen.side).toBe(750)
    await page.screenshot({ path: join(out, `account-avatar-${name}.png`), animations: 'disabled' })

    // Employees have it at an address of their own, and at no other.
    const employee = await as('wangfang', phone)
    const { items } = (await (await employee.context.request.get(`${demo.desk}/api/v1/my/services`)).json()) as { items: { key: string; avatar?: string }[] }
    const theirs = items.find((s) => s.key === 'it')?.avatar
    const got = await employee.context.request.get(`${demo.desk}${theirs}`)
    expect([got.status(), got.headers()['content-type']]).toEqual([200, 'image/png'])
    expect(got.headers()['cache-control']).toContain('immutable')
    expect((await employee.context.request.get(`${demo.desk}${seen.src}`)).status()).toBe(403)
    await employee.context.close()

    await page.getByRole('button', { name: '移除' }).click()
    await page.getByText('已移除头像').waitFor()
    await page.getByRole('button', { name: '上传头像' }).waitFor()
    expect(errors).toEqual([])
    await context.close()
  })

  it('show a survey as it will be seen, and keep its words', async () => {
    const { page, context, errors } = await as('zhaolei')
    await open(page, 'survey')
    const card = (when: string) => page.locator('figure').filter({ hasText: when })
    await card('服务结束后').getByText('请评价本次服务').waitFor()
    await page.getByLabel('卡片标题').fill('给我们打个分')
    await page.getByLabel('「满意」按钮').fill('很好')
    await page.getByLabel('感谢语').fill('多谢您的评价')
    await card('服务结束后').getByText('给我们打个分').waitFor()
    expect(await card('服务结束后').locator('.buttons').innerText()).toMatch(/^很好\s+一般\s+不满意$/)
    await card('评价后').getByText('已评价：很好').waitFor()
    await card('评价后的感谢语').getByText('多谢您的评价').waitFor()
    // The card says when it is over; a change of the time shows at once.
    const until = await card('服务结束后').locator('.body').innerText()
    await page.getByLabel('有效期').fill('24')
    await page.getByLabel('有效期').blur()
    await expect.poll(() => card('服务结束后').locator('.body').innerText()).not.toBe(until)
    await page.locator('.field').filter({ hasText: '允许修改评价' }).locator('.t-switch').click()
    await card('评价后').getByText('前可以修改').waitFor()
    await page.getByPlaceholder('添加一个原因').fill('多次转接')
    await page.getByPlaceholder('添加一个原因').press('Enter')
    await card('点「不满意」后').getByText('多次转接').waitFor()
    await page.screenshot({ path: join(out, 'account-survey-words.png'), fullPage: true, animations: 'disabled' })

    // Words that don't fit are named, and nothing is saved.
    await page.getByLabel('「一般」按钮').fill('很好')
    await save(page)
    await page.getByText('三个按钮的文字不能相同').waitFor()
    await page.getByLabel('「一般」按钮').fill('')
    await save(page)
    await page.getByText('已保存').waitFor()
    await page.reload()
    await card('服务结束后').getByText('给我们打个分').waitFor()
    expect(await page.getByLabel('有效期').inputValue()).toContain('24')
    await card('点「不满意」后').getByText('多次转接').waitFor()
    expect(errors).toEqual([])
    await context.close()
  })

  it('add, change and remove seats', async () => {
    const { page, context, errors } = await as('zhaolei')
    await open(page, 'seats')
    await page.getByRole('button', { name: '添加坐席' }).click()
    await page.getByPlaceholder('搜索姓名、拼音或 userid').fill('huangtao')
    await page.getByRole('checkbox', { name: /黄涛/ }).check()
    await page.getByRole('button', { name: '确定' }).click()
    const row = page.getByRole('listitem').filter({ hasText: 'huangtao' })
    await row.getByRole('button', { name: '编辑' }).click()
    await page.getByText('查看全部记录').click()
    await page.locator('.t-dialog').getByRole('button', { name: '保存' }).click()
    await row.getByText('查看全部记录').waitFor()
    await row.getByRole('button', { name: '移除' }).click()
    await page.locator('.t-dialog').filter({ hasText: '移除坐席黄涛' }).getByRole('button', { name: '移除' }).click()
    await row.waitFor({ state: 'detached' })
    expect(errors).toEqual([])
    await context.close()
  })

  it('leave the scope to super admins, and everything to nobody else', async () => {
    const owner = await as('zhaolei')
    await open(owner.page, 'scope')
    await owner.page.getByText('可见范围由超级管理员设置').waitFor()
    const refused = await owner.context.request.put(`${demo.desk}/api/v1/accounts/it/settings/scope`, { data: { everyone: true, members: [], departments: [], barred: [] } })
    expect(refused.status()).toBe(403)
    const seat = await as('liming')
    await seat.page.goto(`${demo.desk}/a/it/settings`)
    await seat.page.getByText('页面不存在').waitFor()
    const boss = await as('yangjing')
    await open(boss.page, 'scope')
    expect(await boss.page.getByText('可见范围由超级管理员设置').count()).toBe(0)
    for (const { context } of [owner, seat, boss]) await context.close()
  })
})
