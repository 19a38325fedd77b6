import { AppIcon, DashboardIcon } from 'tdesign-icons-vue-next'
import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/accounts',
    component: () => import('./AccountsPage.vue'),
    meta: { layout: 'console', may: 'listAccountCards', title: 'nav.accounts', nav: { group: 'installation', order: 1, icon: AppIcon } },
  },
  {
    path: '/a/:account',
    component: () => import('./OverviewPage.vue'),
    meta: { layout: 'console', may: 'getOverview', title: 'nav.overview', nav: { group: 'account', order: 1, icon: DashboardIcon } },
  },
] satisfies RouteRecordRaw[]
