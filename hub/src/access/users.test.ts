import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestClock, TestState } from '../state/state.fixture.js';
import { hashPassword, isPassword, nobodysHash } from './password.js';
import { PasswordQueue } from './password-queue.js';
import { Users } from './users.js';

const CHEAP = { logN: 4, r: 1, p: 1 };
const PASSWORD = 'correct horse battery';

let state: TestState;
let clock: TestClock;
let users: Users;

beforeEach(() => {
  state = new TestState();
  clock = new TestClock();
  users = Users.open(state.file, { now: clock.now, cost: CHEAP });
});

afterEach(() => state.remove());

const make = (username: string, role: 'admin' | 'viewer' = 'viewer', password = PASSWORD) =>
  users.create({ username, password, role });

describe('a user', () => {
  it('survives a restart; of the password only a hash with its cost is kept', async () => {
    const made = await make('ada');
    users = Users.open(state.reopen(), { now: clock.now, cost: CHEAP });
    expect(users.list()).toEqual([made]);
    expect(await users.verify('ada', PASSWORD)).toEqual(made);
    expect(await users.verify('ada', `${PASSWORD} `)).toBeUndefined();
    state.file.close();
    const bytes = readFileSync(state.path);
    expect(bytes.includes(PASSWORD)).toBe(false);
    expect(bytes.includes('$scrypt$ln=4,r=1,p=1$')).toBe(true);
    state.reopen();
  });

  it('is hashed again when hashes cost more by now', async () => {
    await make('ada');
    users = Users.open(state.file, { cost: { ...CHEAP, logN: 5 } });
    await users.verify('ada', PASSWORD);
    state.file.close();
    expect(readFileSync(state.path).includes('$scrypt$ln=5')).toBe(true);
    state.reopen();
  });

  it('has a name of its own', async () => {
    await make('ada');
    await expect(make('ADA')).rejects.toMatchObject({ code: 'user_exists', status: 409 });
    // Two at the same time: the second finds out when it is its turn.
    const both = await Promise.allSettled([make('bob'), make('Bob')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it.each(['', ' ', 'a b', 'user:ada', 'x'.repeat(65), '-a', 'ä'])('is not called %j', async (name) => {
    await expect(make(name)).rejects.toMatchObject({ code: 'bad_user' });
  });

  it.each([
    ['eleven char', 'bad_password'],
    ['twelve chars', 'none'],
    ['🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑', 'bad_password'],
    ['ä'.repeat(128), 'none'],
    ['ä'.repeat(129), 'bad_password'],
  ])('with the password %s: %s', async (password, code) => {
    const made = await make('ada', 'viewer', password).then(
      () => 'none',
      (error) => error.code,
    );
    expect(made).toBe(code);
  });

  it('does not use the name as the password', async () => {
    await expect(make('long-user-name', 'viewer', 'Long-User-Name')).rejects.toMatchObject({
      code: 'bad_password',
    });
  });

  it('may write the password on any keyboard', async () => {
    await make('ada', 'viewer', 'Käsebrot-Käsebrot');
    expect(await users.verify('ada', 'Käsebrot-Käsebrot'.normalize('NFD'))).toBeDefined();
  });

  it('who is the last admin stays one', async () => {
    await make('ada', 'admin');
    await make('bob');
    expect(() => users.remove('ada')).toThrow(expect.objectContaining({ code: 'last_admin' }));
    await expect(users.change('ada', { role: 'viewer' })).rejects.toMatchObject({ code: 'last_admin' });
    await users.change('bob', { role: 'admin' });
    users.remove('ada');
    expect(users.list().map(({ name }) => name)).toEqual(['bob']);
  });
});

describe('a password', () => {
  it('has a new salt each time, and nothing fits nobody', async () => {
    const [one, two] = [await hashPassword(PASSWORD, CHEAP), await hashPassword(PASSWORD, CHEAP)];
    expect(one).not.toBe(two);
    expect(await isPassword(PASSWORD, one)).toBe(true);
    expect(await isPassword(PASSWORD, nobodysHash(CHEAP))).toBe(false);
  });

  it('costs 32 MiB by default', async () => {
    expect(await hashPassword(PASSWORD)).toContain('$ln=15,r=8,p=3$');
  });
});

describe('the queue', () => {
  it('lets known ones go first, and strangers wait in bounds', async () => {
    const queue = new PasswordQueue();
    const order: string[] = [];
    let begin = () => {};
    const first = queue.run(
      { network: 'x', isKnown: false },
      () => new Promise<void>((resolve) => (begin = resolve)),
    );
    const strangers = Array.from({ length: 40 }, (_, n) =>
      queue.run({ network: `n${n}`, isKnown: false }, async () => void order.push('stranger')),
    );
    const sameNetwork = Array.from({ length: 6 }, () =>
      queue.run({ network: 'home', isKnown: true }, async () => void order.push('known')),
    );
    begin();
    const refused = (all: PromiseSettledResult<void>[]) =>
      all.filter(({ status }) => status === 'rejected').length;
    expect(refused(await Promise.allSettled(strangers))).toBe(8);
    expect(refused(await Promise.allSettled(sameNetwork))).toBe(2);
    await first;
    expect(order.slice(0, 4)).toEqual(['known', 'known', 'known', 'known']);
    await queue.run({ network: 'x', isKnown: false }, async () => void order.push('later'));
    expect(order.at(-1)).toBe('later');
  });

  it('goes on after one that fails', async () => {
    const queue = new PasswordQueue();
    const turn = { network: 'x', isKnown: false };
    const failing = queue.run(turn, async () => Promise.reject(new Error('no')));
    const next = queue.run(turn, async () => 'yes');
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });
});
