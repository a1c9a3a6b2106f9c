import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Registry } from '../devices/registry.js';
import { FieldlineError } from '../errors.js';
import { integer, text } from './column.js';
import { Connection } from './connection.js';
import { MIGRATIONS } from './migrations.js';
import { StateFile } from './state-file.js';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fieldline-state-'));
  path = join(directory, 'state.db');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof FieldlineError) return error.code;
    throw error;
  }
  return 'nothing was thrown';
}

/** Changes a closed file behind the hub's back. */
function tamper(change: (connection: Connection) => void): void {
  const connection = Connection.open(path, 0);
  change(connection);
  connection.close();
}

describe('StateFile.open', () => {
  it('makes a file that only its owner can read, and its directory', () => {
    path = join(directory, 'deep', 'er', 'state.db');
    StateFile.open(path).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(directory, 'deep', 'er'))).toEqual(['state.db']);
  });

  it('finds again what was committed', () => {
    const first = StateFile.open(path);
    first.change("INSERT INTO devices VALUES ('a', NULL, NULL, '{}', 0, 1)").run();
    first.close();
    const second = StateFile.open(path);
    expect(second.select({ id: text('id') }, 'FROM devices').all()).toEqual([{ id: 'a' }]);
    second.close();
  });

  it('turns a second hub away, and lets it in when the first has closed', () => {
    const first = StateFile.open(path);
    Registry.open(first).create({ id: 'a' });
    expect(() => StateFile.open(path)).toThrow(/another hub runs on this data directory/);
    expect(Registry.open(first).size).toBe(1);
    first.close();
    StateFile.open(path).close();
  });

  it('refuses the file of a newer hub', () => {
    StateFile.open(path).close();
    tamper((connection) => connection.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`));
    expect(codeOf(() => StateFile.open(path))).toBe('state_newer');
  });

  it('removes what a crash while making it left behind', () => {
    writeFileSync(`${path}.0badcafe.new`, 'half');
    writeFileSync(`${path}.0badcafe.new-journal`, 'half');
    StateFile.open(path).close();
    expect(readdirSync(directory)).toEqual(['state.db']);
  });

  it.each([
    ['is empty', ''],
    ['is text', 'registry: none\n'.repeat(500)],
  ])('refuses a file that %s', (_, content) => {
    writeFileSync(path, content);
    expect(codeOf(() => StateFile.open(path))).toBe('state_damaged');
    expect(readFileSync(path, 'utf8')).toBe(content);
  });

  it('refuses a SQLite file of something else', () => {
    tamper((connection) => connection.exec('CREATE TABLE notes (body TEXT)'));
    expect(() => StateFile.open(path)).toThrow(/not a state file of Fieldline/);
  });

  it('refuses a file with other tables', () => {
    StateFile.open(path).close();
    tamper((connection) => connection.exec('ALTER TABLE devices ADD COLUMN colour TEXT'));
    expect(codeOf(() => StateFile.open(path))).toBe('state_damaged');
  });

  it('says what to do about a damaged file', () => {
    writeFileSync(path, 'x'.repeat(10_000));
    expect(() => StateFile.open(path)).toThrow(/is damaged: .*put a backup in its place.*move it away/s);
  });
});

describe('migrations', () => {
  it.each(MIGRATIONS.map((_, i) => [i + 1]))('bring a file of version %i to the newest', (version) => {
    StateFile.open(path).close();
    rmSync(path);
    tamper((connection) => {
      connection.exec(MIGRATIONS.slice(0, version).join('\n'));
      connection.exec(`PRAGMA application_id = ${0x464c444c}; PRAGMA user_version = ${version}`);
    });
    StateFile.open(path).close();
    let found: unknown;
    tamper((connection) => {
      found = connection.pragma('user_version');
    });
    expect(found).toBe(MIGRATIONS.length);
  });
});

describe('transaction', () => {
  it('keeps all or nothing', () => {
    const state = StateFile.open(path);
    const insert = state.change("INSERT INTO devices VALUES (?, NULL, NULL, '{}', 0, 1)");
    const count = state.select({ n: integer('count(*)') }, 'FROM devices');
    expect(() =>
      state.transaction(() => {
        insert.run('a');
        throw new Error('on purpose');
      }),
    ).toThrow('on purpose');
    expect(count.get()).toEqual({ n: 0 });
    expect(
      state.transaction(() => {
        insert.run('a');
        return state.transaction(() => insert.run('b'));
      }),
    ).toBe(1);
    expect(count.get()).toEqual({ n: 2 });
    state.close();
  });
});

describe('a frozen file', () => {
  const ids = (file: StateFile) => [...Registry.open(file).all()].map(({ id }) => id);

  it('is whole without its log, and stays as it is while the state goes on', () => {
    const state = StateFile.open(path);
    const registry = Registry.open(state);
    registry.create({ id: 'before', tags: { site: 'north' } });
    const frozen = state.freeze();
    const before = readFileSync(frozen.path);
    expect(before).toHaveLength(frozen.sizeBytes);
    // More than the pages after which SQLite would write them into the file.
    for (let n = 0; n < 1_200; n++) registry.create({ id: `after-${n}`, tags: { text: 'x'.repeat(100) } });
    expect(readFileSync(path).equals(before)).toBe(true);
    const copy = join(directory, 'copy.db');
    writeFileSync(copy, before);
    const restored = StateFile.open(copy);
    expect(ids(restored)).toEqual(['before']);
    restored.close();
    state.thaw();
    registry.create({ id: 'last' });
    expect(statSync(path).size).toBeGreaterThan(frozen.sizeBytes);
    state.close();
    const again = StateFile.open(path);
    expect(ids(again)).toHaveLength(1_202);
    again.close();
  });
});

describe('after close', () => {
  it('every call fails in the same way', () => {
    const state = StateFile.open(path);
    const select = state.select({ id: text('id') }, 'FROM devices');
    select.all();
    state.close();
    state.close();
    expect(codeOf(() => select.all())).toBe('state_closed');
    expect(codeOf(() => state.transaction(() => 1))).toBe('state_closed');
  });
});
