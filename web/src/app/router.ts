import type { QueryClient } from '@tanstack/vue-query'
import type { Component } from 'vue'
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { ApiError } from '@/api/client'
import { allowed, whoAmI, type Me, type Operation } from '@/composables/useAccess'
import type { FeatureTexts, I18n } from '@/locales'

declare module 'vue-router' {
  interface RouteMeta {
    /** console has the navigation beside it, desk and bare have nothing; bare pages need nobody signed in. */
    layout?: 'console' | 'desk' | 'bare'
    /** The operation that the page cannot do without: who may not call it does not see the page. */
    may?: Operation
    /** The key of the page's name. */
    title?: string
    nav?: { group: 'account' | 'installation'; order: number; icon: Component }
    /** The feature whose folder the route comes from, for its texts. */
    feature?: string
  }
}

/** home is where somebody begins: with what they answer for, or what they run. */
export function home(me: Me): string {
  const run = me.accounts.filter((a) => a.role !== 'seat')
  if (me.super_admin || run.length > 1) return '/accounts'
  if (run[0]) return `/a/${run[0].key}`
  return me.accounts.length ? '/desk' : '/h5/'
}

/** makeRouter makes the router of a page. It loads a feature's texts with its first page. */
export function makeRouter(app: { i18n: I18n; texts: FeatureTexts; queries: QueryClient }, routes: RouteRecordRaw[]) {
  const router = createRouter({
    history: createWebHistory(),
    // To scroll makes a browser lay out the whole page at once, which the workbench, that never scrolls, should not wait for.
    scrollBehavior: (to, from, saved) => (to.meta.layout === 'desk' ? false : (saved ?? (to.path === from.path ? false : { top: 0 }))),
    routes,
  })

  router.beforeEach(async (to) => {
    // What the page needs is fetched at once, not one after the other.
    const texts = to.meta.feature ? app.texts.load(to.meta.feature) : undefined
    for (const record of to.matched) ahead(record.components?.default)
    if (to.meta.layout === 'bare') {
      await texts
      return true
    }
    let me: Me
    try {
      ;[me] = await Promise.all([whoAmI(app.queries), texts])
    } catch (err) {
      if (err instanceof ApiError && err.status === 401) return { path: '/login', query: { to: to.fullPath } }
      return true // the page says itself that nothing can be loaded
    }
    if (to.path === '/') {
      const start = home(me)
      if (!start.startsWith('/h5/')) return start
      window.location.replace(start) // another page altogether
      return false
    }
    const account = typeof to.params.account === 'string' ? to.params.account : undefined
    if (account && !me.accounts.some((a) => a.key === account)) return missing(to.path)
    if (to.meta.may && !allowed(me, to.meta.may, account)) return missing(to.path)
    return true
  })

  router.afterEach((to) => {
    const name = app.i18n.global.t('nav.console')
    document.title = to.meta.title ? `${app.i18n.global.t(to.meta.title)} · ${name}` : name
  })
  return router
}

// ahead begins to load a page that is still to be loaded; the router will say where that fails.
function ahead(page: unknown) {
  if (typeof page === 'function') void Promise.resolve((page as () => unknown)()).catch(() => undefined)
}

// missing keeps the address and shows that there is nothing to see.
const missing = (path: string) => ({ path: '/404', query: { from: path }, replace: true })
