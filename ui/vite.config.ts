import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { normalizePath, type Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const groups = [
  // Each a script of its own: the first runs while the second is still on its way.
  { name: 'begin', test: /\/src\/begin\.ts$/, priority: 2 },
  { name: 'main', test: /\/src\/main\.ts$/, priority: 1 },
  // What several parts have in common comes as one piece, not as many small ones.
  {
    name: 'shared',
    test: /@lucide|\/src\/(components|state|words|views\/(away|calls|voicemail))\//,
    minShareCount: 2,
    maxModuleSize: 8_000,
  },
];

const icon = normalizePath(fileURLToPath(new URL('src/components/Icon.svelte', import.meta.url)));

/** Lucide's icons are drawn by our Icon.svelte: its own one costs several times as much for each. */
const icons: Plugin = {
  name: 'icons',
  enforce: 'pre',
  resolveId: (id, importer) =>
    id === '../Icon.svelte' && importer?.includes('/@lucide/svelte/') ? icon : null,
};

export default defineConfig({
  plugins: [icons, svelte()],
  build: {
    target: 'safari17',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
  resolve: process.env['VITEST'] ? { conditions: ['browser'] } : {},
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'] },
});
