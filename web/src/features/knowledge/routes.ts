import { BookIcon } from 'tdesign-icons-vue-next'
import type { RouteRecordRaw } from 'vue-router'

const editor = () => import('./EntryEditor.vue')

export default [
  {
    path: '/a/:account/knowledge',
    component: () => import('./KnowledgePage.vue'),
    meta: { layout: 'console', may: 'listEntries', title: 'nav.knowledge', nav: { group: 'account', order: 20, icon: BookIcon } },
    children: [
      {
        path: '',
        component: () => import('./EntriesPage.vue'),
        children: [
          { path: 'entries/new', component: editor },
          { path: 'entries/:id', component: editor },
        ],
      },
      { path: 'misses', component: () => import('./MissesPage.vue'), meta: { may: 'listMisses' } },
      { path: 'test', component: () => import('./TestPage.vue'), meta: { may: 'ask' } },
      { path: 'golden', component: () => import('./GoldenPage.vue'), meta: { may: 'listGolden' } },
      { path: 'imports', component: () => import('./ImportsPage.vue'), meta: { may: 'listImports' } },
      { path: 'imports/:id', component: () => import('./ImportPage.vue'), meta: { may: 'getImport' } },
      { path: 'synonyms', component: () => import('./SynonymsPage.vue'), meta: { may: 'getSynonyms' } },
      { path: 'changes', component: () => import('./ChangesPage.vue'), meta: { may: 'listChanges' } },
    ],
  },
] satisfies RouteRecordRaw[]
