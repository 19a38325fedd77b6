import { fileURLToPath } from 'node:url'
import { baseCompile } from '@intlify/message-compiler'
import vue from '@vitejs/plugin-vue'
import { TDesignResolver } from 'unplugin-vue-components/resolvers'
import components from 'unplugin-vue-components/vite'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

// The server sends the workbench's own page for its paths; so does the one for development.
const deskPaths: Plugin = {
  name: 'desk-paths',
  configureServer: (server) =>
    void server.middlewares.use((req, _, next) => {
      if (/^\/desk(\/(?!.*\.)|\?|$)/.test(req.url ?? '')) req.url = '/desk.html'
      next()
    }),
}

type Texts = { [key: string]: string | Texts }

// A text is compiled when it is first shown; here it is once, when the pages are built, and the compiler stays at home.
const texts: Plugin = {
  name: 'texts',
  apply: 'build',
  enforce: 'pre',
  transform: {
    filter: { id: /\/locales\/[\w-]+\.json$/ },
    handler(code, id) {
      const wrong = (key: string) => (err: Error) => this.error(`${id}: ${key}: ${err.message}`)
      const compiled = (some: Texts): object =>
        Object.fromEntries(
          Object.entries(some).map(([key, text]) => [key, typeof text === 'string' ? baseCompile(text, { jit: true, location: false, minify: true, onError: wrong(key) }).ast : compiled(text)]),
        )
      return { code: JSON.stringify(compiled(JSON.parse(code) as Texts)), map: null }
    },
  },
}

// What a page asks for ahead of its script stands before it, as a script of its own: those in the page's file become one.
const ahead: Plugin = {
  name: 'ahead',
  transformIndexHtml: {
    order: 'post',
    handler: (_html, { path, bundle }) => {
      if (path !== '/desk.html') return []
      const built = Object.values(bundle ?? {}).find((chunk) => chunk.type === 'chunk' && chunk.isEntry && chunk.name === 'ahead')
      const attrs = built ? { src: `/${built.fileName}` } : { type: 'module', src: '/src/app/ahead.ts' } // a module would wait for the page
      return [{ tag: 'script', attrs, injectTo: 'head-prepend' }]
    },
  },
}

// Nearly all that the workbench begins with runs at once. A browser that is told so compiles it while it is on its way, on
// another thread, and not function by function while somebody waits; others take the line for a comment.
const atOnce: Plugin = {
  name: 'at-once',
  enforce: 'post',
  generateBundle: {
    order: 'post',
    handler: (_, bundle) => {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === 'chunk' && chunk.moduleIds.some((id) => id.endsWith('/src/app/desk.ts'))) chunk.code = `//# allFunctionsCalledOnLoad\n${chunk.code}`
      }
    },
  },
}

// The pages that are built together, by mode: `vite build --mode desk` makes the workbench. What they have in common comes
// in files of its own, and each file costs a slow browser milliseconds, however small it is: so the pages that must open at
// once share nothing with others.
const pages: Record<string, string[]> = {
  console: ['index.html'],
  desk: ['desk.html', 'src/app/ahead.ts'],
  small: ['h5.html', 'simulator.html'],
}
const named = (files: string[]) => Object.fromEntries(files.map((file) => [file.replace(/^.*\/|\.\w+$/g, ''), fileURLToPath(new URL(file, import.meta.url))]))

export default defineConfig(({ mode, command }) => ({
  plugins: [deskPaths, texts, ahead, atOnce, vue(), components({ dirs: [], dts: false, resolvers: [TDesignResolver({ library: 'vue-next' })] })],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    __INTLIFY_DROP_MESSAGE_COMPILER__: command === 'build',
  },
  build: {
    target: 'es2022',
    emptyOutDir: false, // scripts/clean-dist.mjs keeps the committed placeholder
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: named(pages[mode] ?? []),
      // What a page begins with comes in one file, but for what asks ahead of it.
      output: mode === 'small' ? {} : { codeSplitting: { groups: [{ name: mode, tags: ['$initial'], test: (id) => !id.endsWith('/ahead.ts') }] } },
    },
  },
  server: { proxy: { '/sim': 'http://127.0.0.1:8081', '/api': { target: 'http://127.0.0.1:8080', ws: true } } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'], restoreMocks: true, unstubGlobals: true, server: { deps: { inline: [/tdesign/] } } },
}))
