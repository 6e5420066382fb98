// The page and its worker, from web/ into dist/web. Relative addresses: the page lives below its token.
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'web',
  base: './',
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the content security policy allows no data: but for images
  },
  worker: { format: 'es' },
});
