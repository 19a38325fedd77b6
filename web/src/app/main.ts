import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import 'tdesign-vue-next/es/style/index.css'
import { createApp } from 'vue'
import { ApiError } from '@/api/client'
import App from '@/features/shell/ShellApp.vue'
import { createLocale, featureTexts } from '@/locales'
import '@/styles/tokens.css'
import '@/styles/base.css'
import '@/styles/console.css'
import { makeRouter } from './router'

const i18n = createLocale()
const texts = featureTexts(i18n)
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What the server refuses it refuses again; a network may come back.
      retry: (times, err) => !(err instanceof ApiError && err.status > 0 && err.status < 500) && times < 3,
      refetchOnWindowFocus: true,
    },
  },
})
const router = makeRouter({ i18n, texts, queries })

queries.getQueryCache().subscribe((event) => {
  if (event.type !== 'updated' || event.action.type !== 'error') return
  const err: unknown = event.query.state.error
  const here = router.currentRoute.value
  if (err instanceof ApiError && err.status === 401 && here.meta.layout !== 'bare') void router.push({ path: '/login', query: { to: here.fullPath } })
})

createApp(App, { texts }).use(i18n).use(VueQueryPlugin, { queryClient: queries }).use(router).mount('#app')
