import { VueQueryPlugin } from '@tanstack/vue-query'
import { createApp } from 'vue'
import { earlyAnswers } from '@/api/early'
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
const features = featureTexts(i18n)
features.add('desk', 'zh-CN', texts) // most people's, so it isn't asked for by itself
const queries = makeQueries()
const router = makeRouter({ i18n, texts: features, queries }, [
  ...routes.map((route) => ({ ...route, meta: { ...route.meta, feature: 'desk' } })),
  elsewhere('/:rest(.*)*'),
])
signInWhenAsked(queries, router)

await earlyAnswers() // so that the lists are painted with the page, and not after it
createApp(DeskApp, { texts: features }).use(i18n).use(VueQueryPlugin, { queryClient: queries }).use(router).mount('#app')
