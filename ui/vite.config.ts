import { svelte } from '@sveltejs/vite-plugin-svelte';
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

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'safari17',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
  resolve: process.env['VITEST'] ? { conditions: ['browser'] } : {},
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'] },
});
