import { chromium } from 'playwright-core'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
const tok = readFileSync('/tmp/ops.tok','utf8').trim()
const base = 'http://127.0.0.1:18280'
const doc = JSON.parse(readFileSync('../docs/openapi.json','utf8'))
const ids = Object.values(doc.paths).flatMap(p=>Object.values(p).map(o=>o.operationId).filter(Boolean))
const me = { userid:'boss', name:'王总', super_admin:true, may: ids, accounts:[{key:'it',name:'IT 服务台',role:'super_admin',seat:false,may:ids},{key:'hr',name:'人事服务',role:'super_admin',seat:false,may:ids}] }
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'),'utf8')
const rec = process.env.REC || JSON.parse(await (await fetch(base+'/api/v1/accounts/it/records?limit=1&close_reason=seat_ended',{headers:{Authorization:'Bearer '+tok}})).text()).items[0].id
const pages = process.argv[2] ? process.argv[2].split(',') : ['records','recordsq','record','decisions','audit','dead','deads','system','tokens','audits']
const url = { records:'/a/it/records', recordsq:'/a/it/records?q='+encodeURIComponent('显示器'), record:'/a/it/records/'+rec, decisions:'/a/it/records/'+rec, audit:'/a/it/audit', dead:'/a/it/dead-letters', deads:'/dead-letters', system:'/system', tokens:'/tokens', audits:'/audit' }
const browser = await chromium.launch({ executablePath:'/usr/bin/chromium', args:['--headless','--no-sandbox','--disable-gpu'] })
for (const [size,vp] of [['d',{width:1440,height:900}],['p',{width:390,height:844}]]) for (const scheme of ['light','dark']) {
  if (process.argv[3] && !process.argv[3].includes(size+scheme[0])) continue
  const ctx = await browser.newContext({ locale:'zh-CN', timezoneId:'Asia/Shanghai', viewport:vp, colorScheme:scheme, extraHTTPHeaders:{Authorization:'Bearer '+tok} })
  const page = await ctx.newPage()
  page.on('console', m => ['error','warning'].includes(m.type()) && console.log(size,scheme,page.url(),m.text()))
  page.on('pageerror', e => console.log(size,scheme,page.url(),String(e)))
  await page.route('**/api/v1/me', r => r.fulfill({ json: me }))
  for (const p of pages) {
    await page.goto(base+url[p]); await page.waitForTimeout(900)
    if (p==='decisions') { await page.getByRole('tab',{name:'决策记录'}).click(); await page.waitForTimeout(600) }
    await page.screenshot({ path:`/tmp/opsshot/${p}-${size}-${scheme}.png`, animations:'disabled' })
    await page.evaluate(axe)
    const v = await page.evaluate(async()=>(await axe.run(document,{runOnly:['wcag2a','wcag2aa','wcag21a','wcag21aa','best-practice']})).violations.flatMap(v=>v.nodes.map(n=>v.id+': '+n.target.join(' ')+' '+(n.failureSummary||'').split('\n')[1])))
    if (v.length) console.log('AXE',p,size,scheme,v.slice(0,6).join('\n   '))
    const over = await page.evaluate(()=>document.documentElement.scrollWidth-document.documentElement.clientWidth)
    if (over>0) console.log('OVERFLOW',p,size,over)
  }
  await ctx.close()
}
await browser.close()
