import { defineConfig } from 'vitest/config';

/** Workspace packages are tested from their sources, not from a build that may be old. */
const resolve = { conditions: ['fieldline-source'] };
const ssr = { resolve: { conditions: ['fieldline-source', 'node'] } };

/** `expect.poll` waits for what has to come: its time bounds a test that fails, and says nothing about speed. */
const expect = { poll: { timeout: 20_000 } };

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          include: ['{protocol,journal,hub,device-sim,firmware-bridge,dashboards}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          testTimeout: 30_000,
          // Else one fewer than the cores: on two cores one at a time.
          maxWorkers: 2,
          // What a file imports is kept for the next one, which saves a third of the time: no test changes a module.
          isolate: false,
          expect,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'system',
          globalSetup: 'scripts/bundle-for-tests.mjs',
          include: ['test/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', 'test/containers/**'],
          testTimeout: 180_000,
          expect,
          hookTimeout: 120_000,
          // Most of their time is waiting for servers to go and come.
          maxWorkers: 3,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'containers',
          include: ['test/containers/**/*.test.ts'],
          testTimeout: 300_000,
          // Images are built first.
          hookTimeout: 900_000,
          expect,
        },
      },
    ],
  },
});
