import { computed, ref } from 'vue'
import type { Entry } from './useKnowledge'

export interface EntryForm {
  question: string
  similar: string[]
  group: string
  messages: string[]
  enabled: boolean
  draft: boolean
  from: string
  until: string
}

const pad = (x: number) => String(x).padStart(2, '0')

/** localTime is an instant as a field for date and time has it. */
export function localTime(instant?: string): string {
  if (!instant) return ''
  const at = new Date(instant)
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}T${pad(at.getHours())}:${pad(at.getMinutes())}`
}

/** instantOf is the instant of such a field. One that was not touched keeps what the server said. */
function instantOf(local: string, was?: string): string | undefined {
  if (!local) return undefined
  return was && localTime(was) === local ? was : new Date(local).toISOString()
}

export const formOf = (e?: Entry): EntryForm => ({
  question: e?.question ?? '',
  similar: [...(e?.similar ?? [])],
  group: e?.group ?? '',
  messages: [e?.answer ?? '', ...(e?.more ?? [])],
  enabled: e?.state !== 'off',
  draft: e?.draft ?? false,
  from: localTime(e?.valid_from),
  until: localTime(e?.valid_until),
})

/** useEntryForm is an entry in somebody's hands. */
export function useEntryForm() {
  const origin = ref<Entry>()
  const form = ref<EntryForm>(formOf())
  const start = ref('')
  return {
    origin,
    form,
    dirty: computed(() => JSON.stringify(form.value) !== start.value),
    complete: computed(() => Boolean(form.value.question.trim() && form.value.messages.some((m) => m.trim()))),
    /** load takes an entry, or begins a new one. */
    load(e?: Entry, fresh?: Partial<EntryForm>) {
      origin.value = e
      form.value = { ...formOf(e), ...fresh }
      start.value = JSON.stringify(formOf(e))
      if (fresh && !e) start.value = JSON.stringify({ ...formOf(), group: fresh.group ?? '' })
    },
    /** entry is what is written; it carries the version that was seen. */
    entry(): Entry {
      const f = form.value
      const [answer = '', ...more] = f.messages.filter((m) => m.trim())
      const was = origin.value
      return {
        ...(was?.id ? { id: was.id, version: was.version } : {}),
        ...(was?.ref ? { ref: was.ref } : {}),
        question: f.question,
        similar: f.similar,
        group: f.group.trim(),
        answer,
        more,
        state: f.enabled ? 'on' : 'off',
        draft: f.draft,
        valid_from: instantOf(f.from, was?.valid_from),
        valid_until: instantOf(f.until, was?.valid_until),
      }
    },
  }
}
