import { ChartBarIcon } from 'tdesign-icons-vue-next'
import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/a/:account/statistics',
    component: () => import('./ServicePage.vue'),
    meta: { layout: 'console', may: 'getServiceStatistics', title: 'nav.statistics', nav: { group: 'account', order: 65, icon: ChartBarIcon } },
  },
  {
    path: '/a/:account/statistics/survey',
    component: () => import('./SurveyPage.vue'),
    meta: { layout: 'console', may: 'getSurveyStatistics', title: 'nav.statistics' },
  },
  {
    path: '/a/:account/statistics/accounts',
    component: () => import('./AccountsPage.vue'),
    meta: { layout: 'console', may: 'getSurveyStatistics', title: 'nav.statistics' },
  },
] satisfies RouteRecordRaw[]
