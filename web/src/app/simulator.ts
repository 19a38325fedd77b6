import { createApp } from 'vue'
import SimulatorPage from '@/features/simulator/SimulatorPage.vue'
import en from '@/features/simulator/locales/en.json'
import zhCN from '@/features/simulator/locales/zh-CN.json'
import { createLocale } from '@/locales'
import '@/styles/tokens.css'
import '@/styles/base.css'

const i18n = createLocale()
i18n.global.mergeLocaleMessage('zh-CN', zhCN)
i18n.global.mergeLocaleMessage('en', en)
createApp(SimulatorPage).use(i18n).mount('#app')
