import { onBeforeUnmount, onMounted, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { onBeforeRouteLeave, onBeforeRouteUpdate } from 'vue-router'
import { useConfirm } from './useConfirm'

/** useUnsaved asks before a page with unsaved changes is left. It belongs in a route's own component. */
export function useUnsaved(dirty: Readonly<Ref<boolean>>) {
  const { t } = useI18n()
  const confirmed = useConfirm()
  const ask = () => confirmed({ header: t('common.unsaved'), body: t('common.unsavedLeave'), confirm: t('common.discard'), cancel: t('common.unsavedStay') })

  const guard = () => !dirty.value || ask()
  onBeforeRouteLeave(guard)
  onBeforeRouteUpdate((to, from) => to.path === from.path || guard())

  const unload = (event: BeforeUnloadEvent) => {
    if (dirty.value) event.preventDefault()
  }
  onMounted(() => window.addEventListener('beforeunload', unload))
  onBeforeUnmount(() => window.removeEventListener('beforeunload', unload))
}
