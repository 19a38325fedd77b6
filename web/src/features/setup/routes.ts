import { CheckCircleIcon, RocketIcon } from 'tdesign-icons-vue-next'
import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/setup', component: () => import('./SetupPage.vue'), meta: { layout: 'console', may: 'createAccount', title: 'nav.setup' } },
  {
    path: '/a/:account/setup',
    component: () => import('./SetupPage.vue'),
    meta: { layout: 'console', may: 'getSetup', title: 'nav.setup', nav: { group: 'account', order: 90, icon: RocketIcon } },
  },
  {
    path: '/a/:account/checks',
    component: () => import('./ChecksPage.vue'),
    meta: { layout: 'console', may: 'getChecks', title: 'nav.checks', nav: { group: 'account', order: 92, icon: CheckCircleIcon } },
  },
] satisfies RouteRecordRaw[]
