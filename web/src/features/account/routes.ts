import { SettingIcon } from 'tdesign-icons-vue-next'
import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/a/:account/settings/:section?',
    component: () => import('./SettingsPage.vue'),
    meta: { layout: 'console', may: 'getSettings', title: 'nav.settings', nav: { group: 'account', order: 80, icon: SettingIcon } },
  },
] satisfies RouteRecordRaw[]
