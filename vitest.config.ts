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
          expect,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          testTimeout: 180_000,
          expect,
          hookTimeout: 120_000,
          // Much of their time is waiting for servers to go and come.
          maxWorkers: 2,
        },
      },
    ],
  },
});
