import { inject, provide, type InjectionKey } from 'vue'
import type { Phone } from '@/api/simulator'

type Open = (url: string) => void

const browserKey: InjectionKey<Open> = Symbol('browser')
const open: Open = (url) => void window.open(url, '_blank', 'noopener,noreferrer')

/** pageOn is the address that opens a page as it opens on a phone: WeCom knows there who it is. */
export const pageOn = (phone: Phone, url: string) => `/sim/v1/apps/${phone.agentid}/members/${encodeURIComponent(phone.userid)}/open?url=${encodeURIComponent(url)}`

/** provideBrowser is the browser of a phone, for all that is on it. */
export function provideBrowser(phone: () => Phone): Open {
  const onPhone: Open = (url) => open(pageOn(phone(), url))
  provide(browserKey, onPhone)
  return onPhone
}

/** useBrowser opens pages: on the phone around the component, else in this browser. */
export const useBrowser = (): Open => inject(browserKey, open)
