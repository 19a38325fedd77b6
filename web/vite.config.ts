import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { TDesignResolver } from 'unplugin-vue-components/resolvers'
import components from 'unplugin-vue-components/vite'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

// A chunk of several pages is named after all of them.
const short = (name: string) => name.replace(/~.*/, '')

// The server sends the workbench's own page for its paths; so does the one for development.
const deskPaths: Plugin = {
  name: 'desk-paths',
  configureServer: (server) =>
    void server.middlewares.use((req, _, next) => {
      if (/^\/desk(\/(?!.*\.)|\?|$)/.test(req.url ?? '')) req.url = '/desk.html'
      next()
    }),
}

// What a page asks for ahead of its script stands before it, as a script of its own: those in the page's file become one.
const ahead: Plugin = {
  name: 'ahead',
  transformIndexHtml: {
    order: 'post',
    handler: (_html, { path, bundle }) => {
      if (path !== '/desk.html') return []
      const built = Object.values(bundle ?? {}).find((chunk) => chunk.type === 'chunk' && chunk.isEntry && chunk.name === 'ahead')
      const src = built ? `/${built.fileName}` : '/src/app/ahead.ts'
      return [{ tag: 'script', attrs: { type: 'module', crossorigin: true, src }, injectTo: 'head-prepend' }]
    },
  },
}

// `vite build` makes the console and the workbench, `--mode small` the pages that share next to nothing with them and stay light.
export default defineConfig(({ mode }) => ({
  plugins: [deskPaths, ahead, vue(), components({ dirs: [], dts: false, resolvers: [TDesignResolver({ library: 'vue-next' })] })],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    __INTLIFY_DROP_MESSAGE_COMPILER__: false,
  },
  build: {
    target: 'es2022',
    emptyOutDir: false, // scripts/clean-dist.mjs keeps the committed placeholder
    modulePreload: { polyfill: false },
    manifest: mode !== 'small',
    rolldownOptions: {
      input: Object.fromEntries((mode === 'small' ? ['h5.html', 'simulator.html'] : ['index.html', 'desk.html', 'src/app/ahead.ts']).map((file) => [file.replace(/^.*\/|\.\w+$/g, ''), fileURLToPath(new URL(file, import.meta.url))])),
      output:
        mode === 'small'
          ? {}
          : {
              // Each file costs a slow browser milliseconds, however small it is: what the pages begin with comes in few.
              chunkFileNames: (chunk) => `assets/${short(chunk.name)}-[hash].js`,
              assetFileNames: (asset) => `assets/${short(asset.names[0] ?? '').replace(/\.\w+$/, '')}-[hash][extname]`,
              codeSplitting: {
                groups: [
                  // What runs, the two pages' own beginnings, is none of it.
                  { name: 'start', tags: ['$initial'], priority: 2, test: /node_modules\/(?!tdesign|lodash|dayjs|@popperjs)|src\/(api|composables|components|locales|features\/shell)\/|src\/app\/(elsewhere|queries|router)\.ts/, entriesAware: true, entriesAwareMergeThreshold: 8000 },
                  // The console's alone: merged with what both pages begin with, the workbench would carry it, too.
                  { name: 'console', tags: ['$initial'], priority: 1, test: /node_modules\/(tdesign|lodash|dayjs|@popperjs)/, entriesAware: true },
                  { name: 'desk', tags: ['$initial'], test: /src\/features\/desk\// },
                ],
              },
            },
    },
  },
  server: { proxy: { '/sim': 'http://127.0.0.1:8081', '/api': { target: 'http://127.0.0.1:8080', ws: true } } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'], restoreMocks: true, unstubGlobals: true, server: { deps: { inline: [/tdesign/] } } },
}))
