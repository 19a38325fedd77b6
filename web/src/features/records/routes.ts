import { ChatMessageIcon } from 'tdesign-icons-vue-next'
import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/a/:account/records',
    component: () => import('./RecordsPage.vue'),
    meta: { layout: 'console', may: 'listRecords', title: 'nav.records', nav: { group: 'account', order: 60, icon: ChatMessageIcon } },
  },
  {
    path: '/a/:account/records/figure',
    component: () => import('./FigurePage.vue'),
    meta: { layout: 'console', may: 'listStatisticsSessions', title: 'nav.records' },
  },
  {
    path: '/a/:account/records/:id(\\d+)',
    component: () => import('./RecordPage.vue'),
    meta: { layout: 'console', may: 'listRecords', title: 'nav.records' },
  },
] satisfies RouteRecordRaw[]
