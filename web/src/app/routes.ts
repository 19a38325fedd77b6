import type { RouteRecordRaw } from 'vue-router'

const found = import.meta.glob<RouteRecordRaw[]>(['../features/*/routes.ts', '!../features/desk/routes.ts'], { eager: true, import: 'default' })

/** featureRoutes are the routes of all features of the console. */
export function featureRoutes(): RouteRecordRaw[] {
  return Object.entries(found).flatMap(([path, routes]) => {
    const feature = path.split('/')[2] ?? ''
    return routes.map((route) => ({ ...route, meta: { ...route.meta, feature } }) as RouteRecordRaw)
  })
}
