import { HistoryIcon } from 'tdesign-icons-vue-next'
import type { RouteRecordRaw } from 'vue-router'

const page = () => import('./AuditPage.vue')

export default [
  {
    path: '/a/:account/audit',
    component: page,
    meta: { layout: 'console', may: 'listAudits', title: 'nav.audit', nav: { group: 'account', order: 90, icon: HistoryIcon } },
  },
  {
    path: '/audit',
    component: page,
    meta: { layout: 'console', may: 'listInstallationAudits', title: 'nav.audit', nav: { group: 'installation', order: 40, icon: HistoryIcon } },
  },
] satisfies RouteRecordRaw[]
