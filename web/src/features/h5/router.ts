import { computed, nextTick, shallowRef } from 'vue'

// A router as small as these pages need: six addresses, going back, and where one had scrolled to.
const base = '/h5'

export type Place =
  | { page: 'my' }
  | { page: 'services' }
  | { page: 'service'; account: string }
  | { page: 'records'; account: string }
  | { page: 'record'; account: string; id: string }
  | { page: 'survey'; ticket: string }
  | { page: 'missing' }

/** placeOf reads an address. */
export function placeOf(path: string, query = new URLSearchParams()): Place {
  const [first, second, third, ...rest] = path.slice(base.length).split('/').filter(Boolean).map(decoded)
  if (rest.length) return { page: 'missing' }
  if (!first) return { page: 'my' }
  if (first === 'services' && !third) return second ? { page: 'service', account: second } : { page: 'services' }
  if (first === 'records' && !second) return { page: 'records', account: query.get('service') ?? '' }
  if (first === 'records' && second && third && /^\d{1,20}$/.test(third)) return { page: 'record', account: second, id: third }
  if (first === 'survey' && second && !third) return { page: 'survey', ticket: second }
  return { page: 'missing' }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** addressOf is the way back. */
export const addressOf = {
  my: () => `${base}/`,
  services: () => `${base}/services`,
  service: (account: string) => `${base}/services/${encodeURIComponent(account)}`,
  records: (account = '') => `${base}/records${account ? `?service=${encodeURIComponent(account)}` : ''}`,
  record: (account: string, id: string) => `${base}/records/${encodeURIComponent(account)}/${id}`,
}

const here = shallowRef(window.location.pathname + window.location.search)

const scrolled = () => ({ ...(history.state as object | null), y: window.scrollY })

if ('scrollRestoration' in history) history.scrollRestoration = 'manual'
window.addEventListener('popstate', async () => {
  here.value = window.location.pathname + window.location.search
  await nextTick()
  window.scrollTo(0, (history.state as { y?: number } | null)?.y ?? 0)
})

/** go opens another of these pages. */
export async function go(address: string) {
  history.replaceState(scrolled(), '')
  history.pushState({ y: 0 }, '', address)
  here.value = address
  await nextTick()
  window.scrollTo(0, 0)
  document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true })
}

/** change writes another address for what is open. */
export function change(address: string) {
  history.replaceState(scrolled(), '', address)
  here.value = address
}

/** usePlace is the page that the address names. */
export function usePlace() {
  return computed(() => {
    const url = new URL(here.value, window.location.origin)
    return placeOf(url.pathname, url.searchParams)
  })
}
