import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiTokens } from '../access/api-tokens.js';
import { DeviceTokens } from '../access/device-tokens.js';
import { Sessions } from '../access/sessions.js';
import { Registry } from '../devices/registry.js';
import { DeviceLog } from './device-log.js';
import { DeviceSnapshots } from './device-snapshots.js';
import { MetricTypes } from './metric-types.js';
import { Quarantine } from './quarantine.js';
import { codeOf } from './state.fixture.js';
import { StateFile } from './state-file.js';

const DEVICES = 40;
let directory: string;
/** A closed file with something in every table. */
let good: Buffer;
let files = 0;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fieldline-damage-'));
  const path = join(directory, 'good.sqlite');
  const state = StateFile.open(path);
  fill(state);
  state.close();
  good = readFileSync(path);
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function fill(state: StateFile): void {
  const registry = Registry.open(state);
  const deviceTokens = DeviceTokens.open(state, registry);
  const apiTokens = ApiTokens.open(state);
  const sessions = Sessions.open(state);
  const quarantine = new Quarantine(state);
  const log = new DeviceLog(state);
  state.transaction(() => {
    const admin = apiTokens.setAdminToken('correct-horse-battery');
    for (let i = 0; i < DEVICES; i += 1) {
      const device = `device-${i}`;
      registry.create({ id: device, name: `Gerät ${i}`, tags: { site: 'north' } });
      deviceTokens.create(device);
      sessions.create({ name: 'admin', role: 'admin', grantedBy: admin.id, isUser: false });
      const refused = {
        metric: 'größe',
        value: { a: 'ü' },
        code: 'bad_value',
        message: 'nein',
        source: 'ws',
      };
      quarantine.add({ device, time: i, ...refused });
      log.add({ device, at: i, level: 'warn', message: 'Überhitzt' });
      new MetricTypes(state).fix([{ device, metric: 'm', type: 'number', fixedAt: i }]);
    }
    quarantine.flush();
    log.flush();
    new DeviceSnapshots(state).save({ journal: 'j', offset: 6 }, [
      { device: 'device-1', json: '"ä"'.repeat(3_000) },
    ]);
  });
  for (const part of [deviceTokens, apiTokens, sessions]) part.close();
}

/** Everything that the hub does with a state file. */
function useAll(state: StateFile): void {
  const registry = Registry.open(state);
  for (const part of [DeviceTokens.open(state, registry), ApiTokens.open(state), Sessions.open(state)])
    part.close();
  for (const _ of new MetricTypes(state).all());
  for (const _ of new DeviceSnapshots(state).all(() => {}));
  new DeviceSnapshots(state).offset();
  for (const { id } of registry.all()) {
    new Quarantine(state).list(id, { limit: 10 });
    new DeviceLog(state).list(id, { limit: 10 });
  }
  registry.create({ id: 'one-more' });
  registry.delete('one-more');
}

/** Opens a file with these bytes and uses all of it. @returns `none`, or the code of the first error */
function attempt(bytes: Uint8Array, wal?: Uint8Array): string {
  // A name of its own, because a refused file stays locked within this process.
  files += 1;
  const path = join(directory, `${files}.sqlite`);
  writeFileSync(path, bytes);
  if (wal !== undefined) writeFileSync(`${path}-wal`, wal);
  let state: StateFile | undefined;
  const code = codeOf(() => {
    state = StateFile.open(path);
    useAll(state);
  });
  state?.close();
  for (const suffix of ['', '-wal', '-journal']) rmSync(path + suffix, { force: true });
  return code;
}

describe('a damaged state file', () => {
  it('is found out wherever it was cut off', () => {
    const sizes = [0, 1, 15, 16, 17, 99, 100, 101, 511, 512, 4_095];
    for (let size = 4_096; size < good.length; size += 1_713) sizes.push(size);
    sizes.push(good.length - 1);
    const codes = sizes.map((size) => attempt(good.subarray(0, size)));
    expect(codes).toEqual(sizes.map(() => 'state_damaged'));
  });

  it('works, or says that it is damaged, wherever a bit was flipped', () => {
    const position = fc.oneof(
      fc.integer({ min: 100, max: 3 * 4_096 }),
      fc.integer({ min: 100, max: good.length - 1 }),
    );
    fc.assert(
      fc.property(position, fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const bytes = Buffer.from(good);
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
        expect(attempt(bytes)).toMatch(/^(none|state_damaged|state_newer)$/);
      }),
      { numRuns: 200 },
    );
  });

  it('works, or says that it is damaged, whichever byte of the header is wrong', () => {
    for (let at = 0; at < 108; at += 1) {
      for (const flip of [0x01, 0x80]) {
        const bytes = Buffer.from(good);
        bytes.writeUInt8(bytes.readUInt8(at) ^ flip, at);
        expect(attempt(bytes), `byte ${at} ^ ${flip}`).toMatch(/^(none|state_damaged|state_newer)$/);
      }
    }
  });

  it('works, or says that it is damaged, whatever a page was overwritten with', () => {
    for (let page = 0; page < good.length; page += 4_096) {
      for (const filling of [0x00, 0x41, 0xff]) {
        const bytes = Buffer.from(good).fill(filling, page, page + 4_096);
        expect(attempt(bytes)).toMatch(/^(none|state_damaged)$/);
      }
    }
  });

  it('names the place of a text that is not UTF-8, which would end the process in the binding', () => {
    const at = good.indexOf('Gerät 7') + 'Ger'.length;
    const bytes = Buffer.from(good);
    bytes.writeUInt8(0xff, at);
    const path = join(directory, 'utf8.sqlite');
    writeFileSync(path, bytes);
    const state = StateFile.open(path);
    expect(() => Registry.open(state)).toThrow(/is damaged: devices\.name: not valid UTF-8/);
    state.close();
  });

  it('gives an error, not a crash, when the damage comes while it is open', () => {
    const path = join(directory, 'later.sqlite');
    writeFileSync(path, good);
    const state = StateFile.open(path);
    // The pages behind the ones that every open reads.
    const descriptor = openSync(path, 'r+');
    for (let at = 4_096; at < good.length; at += 4_096)
      writeSync(descriptor, Buffer.alloc(4_096, 0xff), 0, 4_096, at);
    closeSync(descriptor);
    expect(codeOf(() => useAll(state))).toBe('state_damaged');
    state.close();
  });

  it('is as good as the WAL beside it', () => {
    const path = join(directory, 'killed.sqlite');
    writeFileSync(path, good);
    const state = StateFile.open(path);
    const registry = Registry.open(state);
    for (let i = 0; i < 20; i += 1) registry.create({ id: `late-${i}` });
    // What a kill leaves: the file as it was, and a WAL.
    copyFileSync(path, `${path}.copy`);
    copyFileSync(`${path}-wal`, `${path}.copy-wal`);
    state.close();
    const [main, wal] = [readFileSync(`${path}.copy`), readFileSync(`${path}.copy-wal`)];
    expect(attempt(main, wal)).toBe('none');
    for (let size = 0; size < wal.length; size += 2_777) {
      expect(attempt(main, wal.subarray(0, size))).toMatch(/^(none|state_damaged)$/);
    }
    for (let at = 0; at < wal.length; at += 1_999) {
      const bytes = Buffer.from(wal);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
      expect(attempt(main, bytes)).toMatch(/^(none|state_damaged)$/);
    }
  });

  it('is left as it is', () => {
    const path = join(directory, 'kept.sqlite');
    const bytes = good.subarray(0, 20_000);
    writeFileSync(path, bytes);
    expect(codeOf(() => StateFile.open(path))).toBe('state_damaged');
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(existsSync(path)).toBe(true);
  });
});
