import { chromium } from 'playwright-core'
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu'] })
const base = 'http://127.0.0.1:18200'
const c = await b.newContext({ locale: 'zh-CN', viewport: { width: 390, height: 844 }, baseURL: base }); const p = await c.newPage()
p.on('console', (m) => console.log(m.type(), m.text())); p.on('pageerror', (e) => console.log(String(e)))
await p.goto('/login?to=/logins'); await p.getByRole('button', { name: /李明/ }).click(); await p.waitForTimeout(3000); console.log(p.url()); await p.screenshot({ path: '/tmp/s1.png' })
const d = await b.newContext({ locale: 'zh-CN', viewport: { width: 1440, height: 900 }, baseURL: base }); const q = await d.newPage()
await q.goto('/login?to=/admins'); await q.getByRole('button', { name: /超级管理员/ }).click(); await q.waitForTimeout(2500); await q.screenshot({ path: '/tmp/s2.png' })
await q.getByRole('button', { name: '添加超级管理员' }).click(); await q.waitForTimeout(1200); await q.screenshot({ path: '/tmp/s3.png' }); console.log(await q.locator('.t-dialog').last().innerHTML().catch(String))
await b.close()
