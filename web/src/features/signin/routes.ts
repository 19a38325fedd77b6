import type { RouteRecordRaw } from 'vue-router'

export default [{ path: '/login', component: () => import('./LoginPage.vue'), meta: { layout: 'bare', title: 'nav.login' } }] satisfies RouteRecordRaw[]
