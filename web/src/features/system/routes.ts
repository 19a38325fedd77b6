import { ServerIcon } from 'tdesign-icons-vue-next'
import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/system',
    component: () => import('./SystemPage.vue'),
    meta: { layout: 'console', may: 'getSystem', title: 'nav.system', nav: { group: 'installation', order: 20, icon: ServerIcon } },
  },
] satisfies RouteRecordRaw[]
