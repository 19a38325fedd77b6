import { UserClearIcon } from 'tdesign-icons-vue-next'
import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/erasures',
    component: () => import('./ErasuresPage.vue'),
    meta: { layout: 'console', may: 'listErasures', title: 'nav.erasures', nav: { group: 'installation', order: 65, icon: UserClearIcon } },
  },
] satisfies RouteRecordRaw[]
