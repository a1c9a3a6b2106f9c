import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, type HubProcess, startHub } from './kit/hub-process.js';
import { requireTool } from './kit/require-tool.js';
import { run } from './kit/run.js';

const PYTHON = '/usr/bin/python3';
const hasWebsockets = requireTool("Python's websockets", 'python3-websockets', [
  PYTHON,
  '-c',
  'import websockets',
]);

let hub: HubProcess;

beforeAll(async () => {
  hub = await startHub();
});

afterAll(() => hub.dispose());

describe.skipIf(!hasWebsockets)('a client that nobody here wrote', () => {
  it('streams in every shape, gets its acks, and reads the same numbers back', async () => {
    const token = await hub.http.addDevice('python');
    const script = fileURLToPath(new URL('clients/independent.py', import.meta.url));
    const seen = JSON.parse(await run(PYTHON, [script, hub.url, 'python', token, ADMIN_TOKEN]));
    expect(seen.welcome).toMatchObject({ type: 'welcome', ack: null });
    expect(seen.acked).toBe(3);
    expect(seen.bare).toEqual([21.5]);
    expect(seen.open).toEqual([true]);
    expect(seen.x).toEqual([
      [seen.base, 0.1],
      [seen.base + 1_000, -1e-9],
      [seen.base + 2_000, 1e300],
      [seen.base + 3_000, 9_007_199_254_740_991],
      [seen.base + 4_000, 3],
    ]);
    expect(seen.label).toEqual([
      [seen.base, 'grün'],
      [seen.base + 4_000, 'ende'],
    ]);
  });
});
