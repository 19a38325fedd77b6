import type { RouteRecordRaw } from 'vue-router'

/** elsewhere is a route to paths of another page: the console and the workbench are loaded by themselves. */
export function elsewhere(path: string): RouteRecordRaw {
  return {
    path,
    component: { render: () => null },
    meta: { layout: 'bare' },
    beforeEnter(to) {
      window.location.assign(to.fullPath)
      return false
    },
  }
}
