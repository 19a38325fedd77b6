import { KeyIcon } from 'tdesign-icons-vue-next'
import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/tokens',
    component: () => import('./TokensPage.vue'),
    meta: { layout: 'console', may: 'listTokens', title: 'nav.tokens', nav: { group: 'installation', order: 50, icon: KeyIcon } },
  },
] satisfies RouteRecordRaw[]
