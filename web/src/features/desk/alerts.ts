import { onScopeDispose, watch, type Ref } from 'vue'
import type { Settings } from './settings'

/** makeAlerts calls people back: a short tone, a note of the browser's, a number in the title. */
export function makeAlerts(settings: Ref<Settings>, badge: Ref<number>) {
  let audio: AudioContext | undefined

  // Browsers make sounds only once somebody has touched the page.
  const touched = () => {
    if (settings.value.sound) audio ??= new AudioContext()
    void audio?.resume()
  }
  window.addEventListener('pointerdown', touched, { passive: true })
  window.addEventListener('keydown', touched, { passive: true })
  onScopeDispose(() => {
    window.removeEventListener('pointerdown', touched)
    window.removeEventListener('keydown', touched)
    void audio?.close()
  })

  function tone() {
    if (!settings.value.sound || audio?.state !== 'running') return
    const at = audio.currentTime
    for (const [i, hertz] of [660, 880].entries()) {
      const sound = audio.createOscillator()
      const volume = audio.createGain()
      sound.frequency.value = hertz
      volume.gain.setValueAtTime(0, at + i * 0.12)
      volume.gain.linearRampToValueAtTime(0.12, at + i * 0.12 + 0.02)
      volume.gain.exponentialRampToValueAtTime(0.001, at + i * 0.12 + 0.22)
      sound.connect(volume).connect(audio.destination)
      sound.start(at + i * 0.12)
      sound.stop(at + i * 0.12 + 0.24)
    }
  }

  function notify(title: string, body: string, tag: string, open: () => void) {
    if (!settings.value.notify || !document.hidden || !('Notification' in window) || Notification.permission !== 'granted') return
    const note = new Notification(title, { body, tag })
    note.onclick = () => {
      window.focus()
      open()
      note.close()
    }
  }

  const bare = () => document.title.replace(/^\(\d+\+?\) /, '')
  const show = () => {
    const wanted = badge.value ? `(${badge.value > 99 ? '99+' : badge.value}) ${bare()}` : bare()
    if (document.title !== wanted) document.title = wanted
  }
  watch(badge, show, { immediate: true })
  onScopeDispose(() => (document.title = bare()))

  return { tone, notify, show }
}

export type Alerts = ReturnType<typeof makeAlerts>
