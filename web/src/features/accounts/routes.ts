import { ErrorTriangleIcon, UsergroupIcon } from 'tdesign-icons-vue-next'
import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/a/:account/owners',
    component: () => import('./OwnersPage.vue'),
    meta: { layout: 'console', may: 'listOwners', title: 'nav.owners', nav: { group: 'account', order: 94, icon: UsergroupIcon } },
  },
  {
    path: '/a/:account/danger',
    component: () => import('./DangerPage.vue'),
    meta: { layout: 'console', may: 'setAccountEnabled', title: 'nav.danger', nav: { group: 'account', order: 96, icon: ErrorTriangleIcon } },
  },
] satisfies RouteRecordRaw[]
