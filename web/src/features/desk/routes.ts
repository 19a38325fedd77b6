import type { RouteRecordRaw } from 'vue-router'

const page = () => import('./DeskPage.vue')
const meta = { layout: 'desk', title: 'nav.desk' } as const

const routes: RouteRecordRaw[] = [
  { path: '/desk', name: 'desk', component: page, meta },
  { path: '/desk/:account/:session', name: 'desk-session', component: page, meta: { ...meta, may: 'listSessions' } },
]
export default routes
