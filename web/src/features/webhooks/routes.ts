import { LinkIcon } from 'tdesign-icons-vue-next'
import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/a/:account/webhooks',
    component: () => import('./WebhooksPage.vue'),
    meta: { layout: 'console', may: 'listWebhooks', title: 'nav.webhooks', nav: { group: 'account', order: 82, icon: LinkIcon } },
  },
] satisfies RouteRecordRaw[]
