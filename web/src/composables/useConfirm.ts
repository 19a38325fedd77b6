import { DialogPlugin } from 'tdesign-vue-next'
import { useI18n } from 'vue-i18n'

export interface Question {
  header: string
  body: string
  /** What the button says that does it. */
  confirm: string
  /** What the button says that leaves it; cancel where missing. */
  cancel?: string
  /** Nothing is lost by it. */
  harmless?: boolean
}

/** useConfirm asks before something is done, and resolves to whether one agreed. */
export function useConfirm() {
  const { t } = useI18n()
  return (question: Question) =>
    new Promise<boolean>((resolve) => {
      const dialog = DialogPlugin.confirm({
        header: question.header,
        body: question.body,
        theme: question.harmless ? 'info' : 'warning',
        confirmBtn: { content: question.confirm, theme: question.harmless ? 'primary' : 'danger' },
        cancelBtn: question.cancel ?? t('common.cancel'),
        onConfirm: () => {
          resolve(true)
          dialog.hide()
        },
        onClose: () => dialog.hide(),
        onClosed: () => {
          resolve(false) // unless one agreed
          dialog.destroy()
        },
      })
    })
}
