import { DialogPlugin } from 'tdesign-vue-next'
import { onBeforeUnmount, onMounted, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { onBeforeRouteLeave, onBeforeRouteUpdate } from 'vue-router'

/** useUnsaved asks before a page with unsaved changes is left. It belongs in a route's own component. */
export function useUnsaved(dirty: Readonly<Ref<boolean>>) {
  const { t } = useI18n()

  function ask(): Promise<boolean> {
    return new Promise((resolve) => {
      let leave = false
      const dialog = DialogPlugin.confirm({
        header: t('common.unsaved'),
        body: t('common.unsavedLeave'),
        theme: 'warning',
        confirmBtn: { content: t('common.discard'), theme: 'danger' },
        cancelBtn: t('common.unsavedStay'),
        onConfirm: () => {
          leave = true
          dialog.hide()
        },
        onClosed: () => {
          dialog.destroy()
          resolve(leave)
        },
        onClose: () => dialog.hide(),
      })
    })
  }

  const guard = () => !dirty.value || ask()
  onBeforeRouteLeave(guard)
  onBeforeRouteUpdate((to, from) => to.path === from.path || guard())

  const unload = (event: BeforeUnloadEvent) => {
    if (dirty.value) event.preventDefault()
  }
  onMounted(() => window.addEventListener('beforeunload', unload))
  onBeforeUnmount(() => window.removeEventListener('beforeunload', unload))
}
