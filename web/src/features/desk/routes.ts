import type { RouteRecordRaw } from 'vue-router'
import DeskPage from './DeskPage.vue'

const meta = { layout: 'desk', title: 'nav.desk' } as const

const routes: RouteRecordRaw[] = [
  { path: '/desk', name: 'desk', component: DeskPage, meta },
  { path: '/desk/:account/:session', name: 'desk-session', component: DeskPage, meta: { ...meta, may: 'listSessions' } },
]
export default routes
