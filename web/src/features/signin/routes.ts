import { UserSafetyIcon } from 'tdesign-icons-vue-next'
import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/login', component: () => import('./LoginPage.vue'), meta: { layout: 'bare', title: 'nav.login' } },
  { path: '/logins', component: () => import('./LoginsPage.vue'), meta: { layout: 'console', title: 'nav.logins', may: 'listLogins' } },
  {
    path: '/admins',
    component: () => import('./AdminsPage.vue'),
    meta: { layout: 'console', title: 'nav.admins', may: 'listSuperAdmins', nav: { group: 'installation', order: 45, icon: UserSafetyIcon } },
  },
] satisfies RouteRecordRaw[]
