import { ErrorCircleIcon } from 'tdesign-icons-vue-next'
import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/a/:account/dead-letters',
    component: () => import('./DeadLettersPage.vue'),
    meta: { layout: 'console', may: 'listDeadLetters', title: 'nav.deadLetters', nav: { group: 'account', order: 85, icon: ErrorCircleIcon } },
  },
  {
    path: '/dead-letters',
    component: () => import('./DeadLetterAccountsPage.vue'),
    meta: { layout: 'console', may: 'listDeadLetterAccounts', title: 'nav.deadLetters', nav: { group: 'installation', order: 30, icon: ErrorCircleIcon } },
  },
] satisfies RouteRecordRaw[]
