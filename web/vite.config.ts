import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { TDesignResolver } from 'unplugin-vue-components/resolvers'
import components from 'unplugin-vue-components/vite'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue(), components({ dirs: [], dts: false, resolvers: [TDesignResolver({ library: 'vue-next' })] })],
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
    rollupOptions: { input: Object.fromEntries(['index', 'h5', 'simulator'].map((name) => [name, fileURLToPath(new URL(`./${name}.html`, import.meta.url))])) },
  },
  server: { proxy: { '/sim': 'http://127.0.0.1:8081', '/api': { target: 'http://127.0.0.1:8080', ws: true } } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'], restoreMocks: true, unstubGlobals: true, server: { deps: { inline: [/tdesign/] } } },
})
