import { defineConfig } from 'vite';

/**
 * Where the development server finds a hub: `FIELDLINE_URL=http://… npx vite live` in dashboards/. The hub must allow
 * the server's origin: `FIELDLINE_ORIGINS=http://localhost:5173`.
 */
const hub = process.env.FIELDLINE_URL ?? 'http://127.0.0.1:8080';

/**
 * The page is served by the hub under `script-src 'self'; style-src 'self'`: so no inline module-preload script and
 * no data URIs, only hashed files of the same origin.
 */
export default defineConfig({
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // Workspace packages come from their sources, so that the page needs no build before its own.
  resolve: { conditions: ['fieldline-source', 'module', 'browser', 'development|production'] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    cssMinify: true,
  },
  server: {
    proxy: {
      '/api': hub,
      '/healthz': hub,
      '/readyz': hub,
      '/ws': { target: hub, ws: true },
    },
  },
});
