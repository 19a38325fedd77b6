import { shallowReactive } from 'vue'
import type { Key } from './types'

export interface Draft {
  text: string
  note: boolean
}

const prefix = 'deskmate.desk.draft.'
const days = 14

/** makeDrafts keeps what was begun, one draft a session, in this browser. */
export function makeDrafts() {
  const all = shallowReactive(new Map<Key, Draft>())
  try {
    for (let i = localStorage.length - 1; i >= 0; i--) {
      const name = localStorage.key(i)
      if (!name?.startsWith(prefix)) continue
      const kept = JSON.parse(localStorage.getItem(name) ?? '{}') as Draft & { at: number }
      if (!kept.text || Date.now() - kept.at > days * 86_400_000) localStorage.removeItem(name)
      else all.set(name.slice(prefix.length) as Key, { text: kept.text, note: kept.note })
    }
  } catch {
    // A browser that keeps nothing has no drafts.
  }
  return {
    all,
    get: (key: Key): Draft => all.get(key) ?? { text: '', note: false },
    set(key: Key, draft: Draft) {
      if (draft.text.trim()) all.set(key, draft)
      else all.delete(key)
      try {
        if (draft.text.trim()) localStorage.setItem(prefix + key, JSON.stringify({ ...draft, at: Date.now() }))
        else localStorage.removeItem(prefix + key)
      } catch {
        // Then it lives as long as the page.
      }
    },
  }
}

export type Drafts = ReturnType<typeof makeDrafts>
