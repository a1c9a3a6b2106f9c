import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Provisioning } from './provisioning.js';

let directory: string;
let file: string;
let asked: unknown[];
let waited: number[];
let warned: string[];
/** What the hub answers, one after another; an error is one of the network. */
let answers: (Response | Error)[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fieldline-provisioning-'));
  file = join(directory, 'porch', 'identity.json');
  [asked, waited, warned, answers] = [[], [], [], []];
});
afterEach(() => rmSync(directory, { recursive: true }));

const answer = (status: number, body: object, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers });
const READY = { id: 'env-1', token: 'fld_secret', profile: 'env-sensor' };

function provisioning(hardwareId: string | undefined = 'a4:cf', wait = async () => {}): Provisioning {
  return new Provisioning({
    url: 'http://hub',
    claimKey: 'flc_key',
    file,
    hardwareId: async () => hardwareId,
    warn: (_kind, message) => warned.push(message),
    fetch: async (url, init) => {
      expect(url).toBe('http://hub/api/v1/provision');
      asked.push(JSON.parse(String(init?.body)));
      const next = answers.shift();
      if (next instanceof Error || next === undefined) throw next ?? new Error('nothing more');
      return next;
    },
    wait: (ms) => {
      waited.push(ms);
      return wait();
    },
  });
}

describe('a claim key', () => {
  it('is exchanged once: the next start has the identity from the disk, for its owner alone', async () => {
    answers = [answer(201, READY)];
    expect(await provisioning().identity()).toEqual({ device: 'env-1', token: 'fld_secret' });
    expect(await provisioning().identity()).toEqual({ device: 'env-1', token: 'fld_secret' });
    expect(asked).toEqual([{ claim: 'flc_key', hardwareId: 'a4:cf' }]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(warned).toEqual([]);
  });

  it('is tried again while the hub is away or has trouble, less and less often, always for the same board', async () => {
    answers = [
      new Error('fetch failed', { cause: new Error('ECONNREFUSED') }),
      answer(503, { code: 'shutting_down' }, { 'retry-after': '5' }),
      answer(429, { code: 'too_many_attempts' }),
      answer(401, { code: 'bad_claim' }),
      answer(201, READY),
    ];
    expect(await provisioning().identity()).toMatchObject({ device: 'env-1' });
    expect(waited).toEqual([1_000, 5_000, 4_000, 8_000]);
    expect(new Set(asked.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(warned[0]).toContain('ECONNREFUSED');
    expect(warned.at(-1)).toContain('bad_claim');
  });

  it('waits for an operator, over restarts of the bridge', async () => {
    answers = [answer(202, { status: 'pending', poll: 'flp_1', retryAfter: 10_000 })];
    const first = provisioning('a4:cf', async () => first.close());
    expect(await first.identity()).toBeUndefined();
    expect(waited).toEqual([10_000]);
    answers = [answer(202, { status: 'pending', retryAfter: 10_000 }), answer(201, READY)];
    expect(await provisioning('another').identity()).toMatchObject({ device: 'env-1' });
    expect(asked).toEqual([{ claim: 'flc_key', hardwareId: 'a4:cf' }, { poll: 'flp_1' }, { poll: 'flp_1' }]);
  });

  it('is put anew when the hub has forgotten who waits', async () => {
    answers = [
      answer(202, { status: 'pending', poll: 'flp_1', retryAfter: 1 }),
      answer(401, { code: 'bad_claim' }),
      answer(201, READY),
    ];
    await provisioning().identity();
    expect(asked.at(-1)).toEqual({ claim: 'flc_key', hardwareId: 'a4:cf' });
  });

  it('makes up a hardware id where there is none, and keeps it', async () => {
    const nameless = new Provisioning({
      url: 'http://hub',
      claimKey: 'flc_key',
      file,
      hardwareId: async () => undefined,
      warn: () => {},
      fetch: async () => {
        throw new Error('away');
      },
      wait: async () => nameless.close(),
    });
    await nameless.identity();
    const { hardwareId } = JSON.parse(readFileSync(file, 'utf8'));
    expect(hardwareId).toMatch(/^bridge-[0-9a-f]{16}$/);
    answers = [answer(201, READY)];
    await provisioning('else').identity();
    expect(asked).toEqual([{ claim: 'flc_key', hardwareId }]);
  });

  it('does not overwrite a file that it does not understand', async () => {
    answers = [answer(201, READY)];
    await provisioning().identity();
    writeFileSync(file, '{"hardw');
    await expect(provisioning().identity()).rejects.toThrow('Remove it to have the board registered anew');
  });
});
