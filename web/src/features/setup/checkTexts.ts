import { useI18n } from 'vue-i18n'
import type { Check } from './setup'

/** useCheckTexts puts what a check found into words; what nobody wrote words for is said as the server says it. */
export function useCheckTexts() {
  const { t, te } = useI18n()
  const word = (check: Check) => check.reason || check.state
  return {
    name: (check: Check) => (te(`setup.check.${check.id}.name`) ? t(`setup.check.${check.id}.name`) : check.id),
    found(check: Check): string {
      const key = `setup.check.${check.id}.${word(check)}`
      if (te(key)) return t(key, check.facts)
      if (check.reason && te(`setup.check.any.${check.reason}`)) return t(`setup.check.any.${check.reason}`, check.facts)
      return check.detail || t(`common.checkState.${check.state}`)
    },
    advice(check: Check): string {
      if (check.state === 'ok') return ''
      const key = `setup.advice.${check.id}.${word(check)}`
      if (te(key)) return t(key, check.facts)
      if (check.reason && te(`setup.advice.any.${check.reason}`)) return t(`setup.advice.any.${check.reason}`, check.facts)
      return te(`setup.advice.screen.${check.screen}`) ? t(`setup.advice.screen.${check.screen}`) : ''
    },
  }
}
