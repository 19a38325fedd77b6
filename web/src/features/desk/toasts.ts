import { shallowRef } from 'vue'

export interface Toast {
  id: number
  text: string
  kind: 'info' | 'error'
}

const stays = 4500 // ms

/** makeToasts are short words on what came of something. */
export function makeToasts() {
  const all = shallowRef<Toast[]>([])
  let last = 0
  const drop = (id: number) => (all.value = all.value.filter((t) => t.id !== id))
  return {
    all,
    drop,
    say(text: string, kind: Toast['kind'] = 'info') {
      const id = ++last
      all.value = [...all.value.slice(-2), { id, text, kind }]
      setTimeout(() => drop(id), stays)
    },
  }
}
