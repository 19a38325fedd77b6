import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/api-docs',
    component: () => import('./ApiDocPage.vue'),
    meta: { layout: 'console', may: 'listAccounts', title: 'nav.apiDocs' },
  },
] satisfies RouteRecordRaw[]
