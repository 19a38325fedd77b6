import { api, result, type Schemas } from '@/api/client'

export type SignInOptions = Schemas['LoginOptions']
export type DemoRole = Schemas['DemoOption']
export type SignInBody = Schemas['SignInBody']
export type SignInApp = Schemas['WecomOption']

/** insideWeCom reports whether the browser is WeCom's own, which says who somebody is without asking. */
export const insideWeCom = (agent = navigator.userAgent) => /wxwork/i.test(agent)

/** localPath is a page of this site to return to; the server looks again. */
export function localPath(to: unknown): string {
  if (typeof to !== 'string' || !/^\/(?![/\\])/.test(to) || /[\\\s]/.test(to) || /^\/login(?![\w-])/.test(to)) return '/'
  return to
}

/** startAddress is where signing in with WeCom begins. */
export function startAddress(to: string, account = ''): string {
  const query = new URLSearchParams({ to })
  if (account) query.set('account', account)
  return `/auth/start?${query.toString()}`
}

export const signInOptions = () => result(api.GET('/api/v1/login-options'))

/** signIn signs this browser in, by a one-time link or as somebody of the demo. */
export const signIn = (how: SignInBody) => result(api.POST('/api/v1/logins', { body: how }))

const lastKey = 'deskmate.signin.account'

/** lastAccount is the app by which this browser signed in before. */
export function lastAccount(): string {
  try {
    return localStorage.getItem(lastKey) ?? ''
  } catch {
    return ''
  }
}

export function rememberAccount(account: string) {
  try {
    localStorage.setItem(lastKey, account)
  } catch {
    // Then the first one is offered again.
  }
}

export interface Corp {
  id: string
  apps: SignInApp[]
}

/** corps are the apps by corp, in the order of the first of each. */
export function corps(apps: SignInApp[]): Corp[] {
  const list: Corp[] = []
  for (const app of apps) {
    const id = app.corp_id.toLowerCase()
    const corp = list.find((c) => c.id === id)
    if (corp) corp.apps.push(app)
    else list.push({ id, apps: [app] })
  }
  return list
}
