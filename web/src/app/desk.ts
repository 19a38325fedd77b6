import { VueQueryPlugin } from '@tanstack/vue-query'
import { createApp } from 'vue'
import DeskApp from '@/features/desk/DeskApp.vue'
import texts from '@/features/desk/locales/zh-CN.json'
import routes from '@/features/desk/routes'
import { createLocale, featureTexts } from '@/locales'
import '@/styles/tokens.css'
import '@/styles/base.css'
import { elsewhere } from './elsewhere'
import { makeQueries, signInWhenAsked } from './queries'
import { makeRouter } from './router'

// The workbench is a page of its own, with nothing of the console in it: seats open it in the morning, and at once.
const i18n = createLocale()
i18n.global.mergeLocaleMessage('zh-CN', texts) // most people's, so it isn't asked for by itself
const features = featureTexts(i18n)
const queries = makeQueries()
const router = makeRouter({ i18n, texts: features, queries }, [
  ...routes.map((route) => ({ ...route, meta: { ...route.meta, feature: 'desk' } })),
  elsewhere('/:rest(.*)*'),
])
signInWhenAsked(queries, router)

createApp(DeskApp, { texts: features }).use(i18n).use(VueQueryPlugin, { queryClient: queries }).use(router).mount('#app')
