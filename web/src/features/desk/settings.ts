import { useStored } from '@/composables/useStored'

export interface Settings {
  /** Enter sends, and Shift+Enter is a new line; else Ctrl or ⌘ with Enter sends. */
  enterSends: boolean
  sound: boolean
  notify: boolean
  lists: number
  details: number
  detailsShown: boolean
}

const initial: Settings = { enterSends: true, sound: false, notify: false, lists: 320, details: 340, detailsShown: true }

/** useSettings are what a person set for the workbench in this browser. */
export const useSettings = () =>
  useStored<Settings>('deskmate.desk.settings', initial, (v): v is Settings => typeof v === 'object' && v !== null && Object.keys(initial).every((k) => k in v))
