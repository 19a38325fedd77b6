import { useI18n } from 'vue-i18n'
import { ApiError } from '@/api/client'

/** useFailure puts failures into words: ours where we have them, else the server's. */
export function useFailure() {
  const { t, te } = useI18n()
  return (err: unknown): string => {
    if (!(err instanceof ApiError)) return t('h5.error.internal')
    const key = `h5.error.${err.reason}`
    if (te(key)) return t(key)
    return err.status < 500 && err.message ? err.message : t('h5.error.internal')
  }
}
