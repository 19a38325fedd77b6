import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core'

const root = fileURLToPath(new URL('../..', import.meta.url))
export const out = fileURLToPath(new URL('./out', import.meta.url))
mkdirSync(out, { recursive: true })

/** desktop and phone are the screens that pages are looked at on, and looks both of them in light and dark. */
export const desktop = { viewport: { width: 1440, height: 900 } }
export const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
export const looks = [
  ['desktop-light', { ...desktop, colorScheme: 'light' }],
  ['desktop-dark', { ...desktop, colorScheme: 'dark' }],
  ['phone-light', { ...phone, colorScheme: 'light' }],
  ['phone-dark', { ...phone, colorScheme: 'dark' }],
] as const

/** The program that is tested. */
export const program = process.env.DESKMATE_BIN ?? join(root, 'bin', 'deskmate')

/** A running `deskmate demo` with data of its own. */
export interface Demo {
  /** The simulator's page. */
  url: string
  /** Deskmate itself, and its data folder. */
  desk: string
  dir: string
  /** stop interrupts it and gives its exit code. */
  stop(): Promise<number | null>
}

export async function startDemo(): Promise<Demo> {
  const dir = mkdtempSync(join(tmpdir(), 'deskmate-e2e-'))
  const child = spawn(program, ['demo', '--listen', '127.0.0.1:0', '--sim', '127.0.0.1:0', '--dir', dir], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  const [url, desk] = await addresses(child)
  return {
    url,
    desk,
    dir,
    async stop() {
      child.kill('SIGINT')
      const code = await ended
      rmSync(dir, { recursive: true, force: true })
      return code
    },
  }
}

/** addresses are the pages that the demo names once everything is up: the simulator's, and Deskmate's. */
function addresses(child: ChildProcess): Promise<[string, string]> {
  return new Promise((resolve, reject) => {
    let said = ''
    const hear = (text: Buffer) => {
      said += text.toString()
      const address = /手机与回调\s+(http:\S+)/.exec(said)?.[1]
      const desk = /Deskmate\s+(http:[^\s（]+)/.exec(said)?.[1]
      if (address && desk && said.includes('Ctrl-C')) resolve([address, desk.replace(/\/$/, '')])
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`the demo ended:\n${said}`)))
  })
}

/** signIn makes a browser one of the demo's people: yangjing runs everything, zhaolei and zhoumin an account each, liming and sunli are seats, wangfang is an employee. */
export async function signIn(context: BrowserContext, demo: Demo, who: string) {
  const answer = await context.request.post(`${demo.desk}/api/v1/logins`, { data: { demo: who } })
  if (!answer.ok()) throw new Error(`signing in as ${who}: ${answer.status()} ${await answer.text()}`)
}

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
}

export interface Opened {
  page: Page
  context: BrowserContext
  /** What the console complained about. */
  errors: string[]
}

export async function open(browser: Browser, url: string, options: Parameters<Browser['newContext']>[0]): Promise<Opened> {
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const errors: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text())
  })
  page.on('pageerror', (error) => errors.push(String(error)))
  await page.goto(url)
  await page.getByRole('log').first().waitFor()
  return { page, context, errors }
}

/** A phone on the page, and the hands that hold it. */
export class PhoneHand {
  constructor(readonly place: Locator) {}

  static of(page: Page, name: string) {
    return new PhoneHand(page.getByLabel(`${name}的手机`, { exact: true }))
  }

  async say(text: string) {
    const input = this.place.getByRole('textbox', { name: /的身份发消息$/ })
    await input.fill(text)
    await input.press('Enter')
    await this.sees(text)
  }

  /** sees waits until the newest bubbles hold a text. */
  async sees(text: string | RegExp) {
    await this.place.getByRole('log').getByText(text).last().waitFor()
  }

  card(title: string | RegExp): Locator {
    return this.place.getByRole('region', { name: title }).last()
  }

  async press(title: string | RegExp, button: string) {
    await this.card(title).getByRole('button', { name: button, exact: true }).click()
  }
}
