import { useI18n } from 'vue-i18n'
import { ApiError } from '@/api/client'

/** useErrors puts failures into words: ours for what every page can meet, else the server's. */
export function useErrors() {
  const { t, te } = useI18n()
  return {
    errorText(err: unknown): string {
      if (!(err instanceof ApiError)) return t('error.internal')
      const key = `error.${err.reason}`
      if (te(key)) return t(key)
      return err.status < 500 && err.message ? err.message : t('error.internal')
    },
  }
}
