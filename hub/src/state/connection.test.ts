import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { flag, integer, json, optionalInteger, optionalText, text, word } from './column.js';
import { Connection } from './connection.js';
import { codeOf } from './state.fixture.js';

let connection: Connection;

beforeEach(() => {
  connection = Connection.open(':memory:', 0);
  connection.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, n INTEGER, b BLOB)');
});

afterEach(() => {
  connection.close();
});

describe('select', () => {
  it('gives typed rows', () => {
    connection.change('INSERT INTO t (a, n) VALUES (?, ?)').run('{"ä":1}', 1_767_225_600_123_456);
    connection.change('INSERT INTO t (a, n) VALUES (?, ?)').run(null, null);
    const columns = { a: optionalText('a'), n: optionalInteger('n') };
    expect(connection.select(columns, 'FROM t ORDER BY id').all()).toEqual([
      { a: '{"ä":1}', n: 1_767_225_600_123_456 },
      { a: null, n: null },
    ]);
    const one = { parsed: json('a'), isOne: flag('id'), raw: text('a') };
    expect(connection.select(one, 'FROM t WHERE id = ?').get(1)).toEqual({
      parsed: { ä: 1 },
      isOne: true,
      raw: '{"ä":1}',
    });
    expect(connection.select(one, 'FROM t WHERE id = ?').get(3)).toBeUndefined();
  });

  it.each([
    ['invalid UTF-8', "CAST(x'61ff' AS TEXT)", text('a')],
    ['a text that is missing', 'NULL', text('a')],
    ['a text where an integer belongs', "'7'", integer('a')],
    ['an integer that a number cannot hold', '9007199254740993', integer('n')],
    ['a fraction', '1.5', integer('n')],
    ['an unknown word', "'root'", word('a', ['viewer', 'admin'])],
    ['JSON that is none', "'{'", json('a')],
  ])('calls %s damage', (_, sql, column) => {
    connection.exec(`INSERT INTO t (a, n) VALUES (${sql}, ${sql})`);
    expect(codeOf(() => connection.select({ column }, 'FROM t').all())).toBe('state_damaged');
    expect(codeOf(() => connection.select({ column }, 'FROM t').get())).toBe('state_damaged');
  });

  it('leaves out what is damaged where that is asked for, and tells of it', () => {
    connection.exec("INSERT INTO t (a) VALUES ('{'), ('7'), (CAST(x'61ff' AS TEXT)), ('[]')");
    const told: unknown[] = [];
    const rows = connection.select({ a: json('a') }, 'FROM t ORDER BY id').sound((error) => told.push(error));
    expect(rows).toEqual([{ a: 7 }, { a: [] }]);
    expect(told).toMatchObject([{ name: 'DamagedCell' }, { name: 'DamagedCell' }]);
  });

  it('does not let a text be cut off at NUL', () => {
    expect(() => connection.change('INSERT INTO t (a) VALUES (?)').run('a\0b')).toThrow(TypeError);
  });
});

describe('a full disk', () => {
  it('changes nothing, is said so, and passes', () => {
    const fill = connection.change('INSERT INTO t (b) VALUES (zeroblob(?))');
    const count = connection.select({ n: integer('count(*)') }, 'FROM t');
    connection.pragma('max_page_count = 10');
    const failing = (): void =>
      connection.transaction(() => {
        fill.run(10);
        fill.run(100_000);
      });
    expect(codeOf(failing)).toBe('state_unwritable');
    expect(count.get()).toEqual({ n: 0 });
    connection.pragma('max_page_count = 1000');
    failing();
    expect(count.get()).toEqual({ n: 2 });
  });
});

describe('unsynced', () => {
  const FULL = 2;
  const NORMAL = 1;
  const insert = () => connection.change("INSERT INTO t (a) VALUES ('x')").run();
  const rows = () => connection.select({ n: integer('count(*)') }, 'FROM t').get()?.n;

  beforeEach(() => {
    connection.pragma('synchronous = FULL');
  });

  it('keeps all or nothing, and waits for no sync; what follows does', () => {
    connection.unsynced(() => {
      insert();
      expect(connection.pragma('synchronous')).toBe(NORMAL);
    });
    expect(connection.pragma('synchronous')).toBe(FULL);
    expect(() =>
      connection.unsynced(() => {
        insert();
        throw new Error('on purpose');
      }),
    ).toThrow('on purpose');
    expect(connection.pragma('synchronous')).toBe(FULL);
    expect(rows()).toBe(1);
  });

  it('takes no sync away from a transaction that it is a part of', () => {
    connection.transaction(() =>
      connection.unsynced(() => expect(connection.pragma('synchronous')).toBe(FULL)),
    );
  });
});
