import { createApp } from 'vue'
import H5App from '@/features/h5/H5App.vue'
import { rememberAccount } from '@/features/h5/signIn'
import { createTexts, textsKey } from '@/features/h5/texts'
import '@/styles/tokens.css'
import '@/styles/base.css'
import '@/features/h5/h5.css'

rememberAccount(new URLSearchParams(location.search).get('account'))
const texts = await createTexts()
createApp(H5App).use(texts.i18n).provide(textsKey, texts).mount('#app')
