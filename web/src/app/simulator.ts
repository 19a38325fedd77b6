import { createApp } from 'vue'
import SimulatorPage from '@/features/simulator/SimulatorPage.vue'
import { createLocale } from '@/locales'
import '@/styles/tokens.css'
import '@/styles/base.css'

createApp(SimulatorPage).use(createLocale()).mount('#app')
