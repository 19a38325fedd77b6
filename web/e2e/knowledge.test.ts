import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violations } from './axe'
import { launch, out, signIn, startDemo, type Demo } from './demo'

let demo: Demo
let browser: Browser

beforeAll(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launch()])
})

afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

const desk = { viewport: { width: 1440, height: 900 } }
const base = '/a/it/knowledge'

async function enter(who: string, options: Parameters<Browser['newContext']>[0]) {
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', baseURL: demo.desk, ...options })
  await signIn(context, demo, who)
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const errors: string[] = []
  page.on('console', (m) => (m.type() === 'error' || m.type() === 'warning') && errors.push(m.text()))
  page.on('pageerror', (err) => errors.push(String(err)))
  return { page, context, errors }
}

/** sound looks at a page: nothing sticks out, and nothing is in the way of people who don't see it. */
async function sound(page: Page, name: string) {
  await page.mouse.move(0, 0)
  await page.waitForLoadState('networkidle')
  await page.screenshot({ path: join(out, `knowledge-${name}.png`), animations: 'disabled' })
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
  expect(await violations(page)).toEqual([])
}

describe('an owner', () => {
  it('writes, tries, changes and takes back', async () => {
    const { page, context, errors } = await enter('zhaolei', desk)
    await page.goto(base)
    await page.getByText('VPN 连不上怎么办').first().waitFor()
    await page.keyboard.press('n')
    const editor = page.getByRole('dialog', { name: '新建问答' })
    await editor.getByRole('textbox', { name: '标准问题' }).fill('工位的绿植谁来浇水')
    await editor.getByRole('textbox', { name: '相似问题' }).fill('绿植没人浇水')
    await editor.getByRole('textbox', { name: '相似问题' }).press('Enter')
    await editor.getByRole('textbox', { name: '相似问题' }).fill('绿植没人浇水！')
    await editor.getByRole('textbox', { name: '相似问题' }).press('Enter')
    await editor.getByText('1 条重复，没有再次添加').waitFor()
    await editor.getByRole('textbox', { name: '答案' }).fill('行政部每周一浇水，急用请拨 8000。')
    await editor.getByText('没有与其他问答冲突').or(editor.getByText('与这些问答相近')).waitFor()
    await page.keyboard.press('Control+s')
    await page.waitForURL(/\/entries\/\d+/)

    // What is not saved is not lost without a question.
    const saved = page.getByRole('dialog', { name: '编辑问答' })
    await saved.getByRole('textbox', { name: '答案' }).fill('行政部每周一、周四浇水。')
    await page.keyboard.press('Escape')
    await page.getByText('离开后，未保存的更改会丢失。').waitFor()
    await page.getByRole('button', { name: '继续编辑' }).click()

    // Somebody else is first.
    const id = /entries\/(\d+)/.exec(page.url())?.[1]
    const entry = (await (await context.request.get(`/api/v1/accounts/it/entries/${id}`)).json()) as { answer: string }
    expect((await context.request.put(`/api/v1/accounts/it/entries/${id}`, { data: { ...entry, answer: '行政部每天浇水。' } })).ok()).toBe(true)
    await saved.getByRole('button', { name: '保存', exact: true }).click()
    await page.getByText('刚才有人改过这条问答').waitFor()
    await page.getByText('行政部每天浇水。').waitFor()
    await page.getByRole('button', { name: '用我的覆盖' }).click()
    await expect.poll(async () => ((await (await context.request.get(`/api/v1/accounts/it/entries/${id}`)).json()) as { answer: string }).answer).toBe('行政部每周一、周四浇水。')
    await saved.getByRole('button', { name: '历史' }).click()
    await saved.getByRole('button', { name: '恢复到此版本' }).last().waitFor()
    await page.keyboard.press('Escape')
    await saved.waitFor({ state: 'detached' })

    await page.goto(`${base}/test`)
    await page.getByRole('textbox', { name: '员工的问题' }).fill('绿植没人浇水')
    await page.getByRole('button', { name: '提问' }).click()
    await page.getByText('与问法完全相同').waitFor()
    await page.getByText('行政部每周一、周四浇水。').waitFor()

    // Disable two, see what it does first, and undo it.
    await page.goto(base)
    const row = (name: string) => page.getByRole('checkbox', { name: `选择“${name}”` })
    await row('VPN 连不上怎么办').check()
    await row('怎么申请 VPN 账号').check()
    await page.getByRole('toolbar', { name: '批量操作' }).getByRole('button', { name: '停用' }).click()
    await page.getByText('将修改 2 条问答。').waitFor()
    await page.getByRole('button', { name: '停用' }).last().click()
    await page.getByText('已修改 2 条问答').waitFor()
    await page.goto(`${base}/changes`)
    await page.getByRole('button', { name: '撤销' }).first().click()
    await page.getByRole('button', { name: '确定' }).click()
    await page.getByText('已恢复 2 条问答').waitFor()
    // A 409 of the conflict is told by the browser, too.
    expect(errors.filter((e) => !e.includes('409'))).toEqual([])
    await context.close()
  })

  it('brings a file in and takes it back, over a reload', async () => {
    const { page, context, errors } = await enter('zhaolei', desk)
    await page.goto(`${base}/imports`)
    const rows = ['标准问题,答案', 'VPN 连不上怎么办,请重装客户端', '打印机没墨了怎么办,找行政领墨盒', '硒鼓怎么换,', '坏\u0007字符,答案']
    await page.locator('input[type=file]').setInputFiles({ name: '问答.csv', mimeType: 'text/csv', buffer: Buffer.from(rows.join('\n')) })
    await page.getByText('U+0007', { exact: true }).waitFor()
    await page.getByText('第 4 行').waitFor()
    await page.reload()
    await page.getByRole('button', { name: '跳过 2 行，导入 2 条' }).click()
    await page.getByText('已导入').waitFor()
    await sound(page, 'import')
    await page.getByRole('button', { name: '撤销导入' }).click()
    await page.getByRole('button', { name: '确定' }).click()
    await page.getByText('已撤销').waitFor()
    expect(errors).toEqual([])
    await context.close()
  })

  it('pastes a table', async () => {
    const { page, context } = await enter('zhaolei', desk)
    await page.goto(base)
    await page.getByText('VPN 连不上怎么办').first().waitFor()
    await page.evaluate(() => {
      const data = new DataTransfer()
      data.setData('text/plain', '茶水间几点打扫\t每天 9 点\n茶水间在哪\t每层东侧')
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))
    })
    await page.getByText('待确认').waitFor()
    await page.getByText('茶水间几点打扫').waitFor()
    await context.close()
  })

  it('settles a miss by keyboard', async () => {
    const { page, context, errors } = await enter('zhaolei', desk)
    await page.goto(`${base}/misses`)
    await page.getByRole('heading', { name: '工位的椅子坏了找谁修' }).waitFor()
    await expect.poll(() => page.getByRole('textbox', { name: '答案' }).inputValue()).toContain('工位号')
    await page.keyboard.press('i')
    await page.getByText('没有未命中的问题').waitFor()
    expect(errors).toEqual([])
    await context.close()
  })
})

describe('a seat', () => {
  it('has no such page without the permission, and has it with', async () => {
    const seat = await enter('liming', desk)
    const boss = await enter('yangjing', desk)
    const seats = '/api/v1/accounts/it/seats'
    const list = (await (await boss.context.request.get(seats)).json()) as { items: { userid: string; permissions: string[]; capacity: number; priority: number; hours?: unknown }[] }
    const one = list.items.find((s) => s.userid === 'liming')
    for (const knowledge of [false, true]) {
      const permissions = [...(one?.permissions ?? []).filter((p) => p !== 'knowledge'), ...(knowledge ? ['knowledge'] : [])]
      const put = await boss.context.request.put(`${seats}/liming`, { data: { capacity: one?.capacity ?? 0, priority: one?.priority ?? 0, ...(one?.hours ? { hours: one.hours } : {}), permissions } })
      expect(put.ok(), await put.text()).toBe(true)
      await expect.poll(async () => {
        await seat.page.goto(base)
        const shown = seat.page.getByRole('navigation', { name: '知识库' })
        await shown.or(seat.page.getByText('页面不存在')).first().waitFor()
        return shown.count()
      }).toBe(knowledge ? 1 : 0)
    }
    await seat.page.goto(`${base}/test`)
    await seat.page.getByRole('button', { name: '提问' }).waitFor()
    expect(await seat.page.getByRole('button', { name: '阈值' }).count()).toBe(0)
    await seat.context.close()
    await boss.context.close()
  })
})
