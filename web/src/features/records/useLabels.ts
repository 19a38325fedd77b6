import { useI18n } from 'vue-i18n'

/** useLabels says the words of the API as people read them; a word that is not known stays. */
export function useLabels() {
  const { t, te } = useI18n()
  const label = (key: string, word: string) => (te(key) ? t(key) : word)
  return {
    state: (word: string) => label(`records.state.${word}`, word),
    close: (word: string) => label(`records.close.${word}`, word),
    handoff: (word: string) => label(`records.handoff.${word}`, word),
    rating: (word: string) => label(`records.rating.${word}`, word),
    event: (word: string) => label(`records.event.${word}`, word),
    outcome: (word: string) => label(`records.outcome.${word}`, word),
    reason: (word: string) => label(`records.reason.${word}`, word),
    why: (word: string) => label(`records.why.${word}`, word),
    push: (word: string) => label(`records.push.${word}`, word),
    kind: (word: string) => label(`records.kind.${word}`, word),
  }
}
