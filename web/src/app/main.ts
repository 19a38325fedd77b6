import { VueQueryPlugin } from '@tanstack/vue-query'
import 'tdesign-vue-next/es/style/index.css'
import { createApp } from 'vue'
import App from '@/features/shell/ShellApp.vue'
import { createLocale, featureTexts } from '@/locales'
import '@/styles/tokens.css'
import '@/styles/base.css'
import '@/styles/console.css'
import { elsewhere } from './elsewhere'
import { makeQueries, signInWhenAsked } from './queries'
import { makeRouter } from './router'
import { featureRoutes } from './routes'

const i18n = createLocale()
const texts = featureTexts(i18n)
const queries = makeQueries()
const router = makeRouter({ i18n, texts, queries }, [
  ...featureRoutes(),
  { path: '/', component: { render: () => null }, meta: { layout: 'console' } },
  elsewhere('/desk/:rest(.*)*'),
  { path: '/:rest(.*)*', component: () => import('@/features/shell/NotFoundPage.vue'), meta: { layout: 'bare', title: 'nav.notFound' } },
])
signInWhenAsked(queries, router)

createApp(App, { texts }).use(i18n).use(VueQueryPlugin, { queryClient: queries }).use(router).mount('#app')
