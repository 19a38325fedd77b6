import { onScopeDispose } from 'vue'
import { listLetters, makeCommands } from './commands'
import type { Desk } from './useDesk'

const twoKeys = 1200 // ms between G and its letter

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))

/** useShortcuts makes keys do what buttons do, where nobody is typing and no dialog is open. */
export function useShortcuts(desk: Desk, search: () => void) {
  const commands = makeCommands(desk)
  let g = 0

  function down(event: KeyboardEvent) {
    if (event.isComposing || event.keyCode === 229) return
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault()
      desk.dialog.value = desk.dialog.value === 'palette' ? '' : 'palette'
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector('dialog[open]')) return
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    if (act(key)) event.preventDefault()
  }

  function act(key: string): boolean {
    if (Date.now() - g < twoKeys) {
      g = 0
      const list = listLetters.get(key)
      if (list) desk.showList(list)
      return !!list
    }
    switch (key) {
      case 'g':
        g = Date.now()
        return true
      case 'j':
        desk.move(1)
        return true
      case 'k':
        desk.move(-1)
        return true
      case 'u':
        desk.select(undefined, 'replace')
        return true
      case 's':
        search()
        return true
      case '/':
        desk.composer.value?.focus(false)
        return false // the slash is typed
    }
    const found = commands().find((c) => c.keys.toLowerCase() === key)
    found?.run()
    return !!found
  }

  window.addEventListener('keydown', down)
  onScopeDispose(() => window.removeEventListener('keydown', down))
}
