// Who opens these pages is found out by WeCom: the account's app says so, silently where the
// page is open inside WeCom. Which account's app that is comes with the menu's address.
const accountKey = 'deskmate.h5.account'
const triedKey = 'deskmate.h5.signin'
const again = 20_000 // ms within which a second try would only repeat the first

/** rememberAccount keeps the account that the address names, for signing in later. */
export function rememberAccount(account: string | null) {
  if (!account || !/^[a-z0-9-]{1,40}$/.test(account)) return
  try {
    localStorage.setItem(accountKey, account)
  } catch {
    // Then the sign-in page asks.
  }
}

export function rememberedAccount(): string {
  try {
    return localStorage.getItem(accountKey) ?? ''
  } catch {
    return ''
  }
}

/** signInAddress is where a sign-in begins that ends at a page. */
export function signInAddress(to: string, account = rememberedAccount()): string {
  const back = encodeURIComponent(to)
  return account ? `/auth/start?account=${encodeURIComponent(account)}&to=${back}` : `/login?to=${back}`
}

/** signIn goes there. It gives false where that was tried a moment ago and came to nothing. */
export function signIn(go: (address: string) => void = (address) => location.replace(address), now = Date.now()): boolean {
  try {
    if (now - Number(sessionStorage.getItem(triedKey) ?? 0) < again) return false
    sessionStorage.setItem(triedKey, String(now))
  } catch {
    return false // a browser that keeps nothing keeps no login either
  }
  go(signInAddress(location.pathname + location.search))
  return true
}

/** signedIn forgets that it was tried. */
export function signedIn() {
  try {
    sessionStorage.removeItem(triedKey)
  } catch {
    // Nothing was kept.
  }
}
