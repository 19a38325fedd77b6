import { onScopeDispose } from 'vue'
import type { Live } from '@/composables/useLive'

const every = 30_000 // ms between two looks whether somebody is there
const signs = ['pointerdown', 'pointermove', 'wheel', 'touchstart', 'keydown', 'focus'] as const

/** keepPresence tells the server that somebody works here, as long as that is so: the page is shown, and was touched since it was told last. */
export function keepPresence(live: Pick<Live, 'on' | 'active'>, accounts: () => string[]) {
  let touched = true
  const touch = () => {
    touched = true
  }
  const tell = () => {
    if (!touched || document.visibilityState === 'hidden') return
    touched = false
    for (const account of accounts()) live.active(account)
  }
  for (const sign of signs) window.addEventListener(sign, touch, { passive: true, capture: true })
  live.on('hello', tell)
  const timer = setInterval(tell, every)
  onScopeDispose(() => {
    clearInterval(timer)
    for (const sign of signs) window.removeEventListener(sign, touch, { capture: true })
  })
}
