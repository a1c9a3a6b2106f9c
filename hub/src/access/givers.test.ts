import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestClock, TestState } from '../state/state.fixture.js';
import { ApiTokens } from './api-tokens.js';
import { Givers } from './givers.js';
import { Users } from './users.js';

let state: TestState;
let clock: TestClock;
let apiTokens: ApiTokens;
let users: Users;
let givers: Givers;
let told: number;
let stop: () => void;

beforeEach(() => {
  state = new TestState();
  clock = new TestClock();
  const { now } = clock;
  apiTokens = ApiTokens.open(state.file, { now });
  users = Users.open(state.file, { now, cost: { logN: 4, r: 1, p: 1 } });
  givers = new Givers({ apiTokens, users });
  told = 0;
  stop = givers.onBarred(() => told++);
});
afterEach(() => {
  stop();
  apiTokens.close();
  state.remove();
});

it('a token that was revoked is barred; one that has expired was good when it gave', () => {
  const [revoked, expired] = [
    apiTokens.create({ name: 'a', role: 'operator' }).record.id,
    apiTokens.create({ name: 'b', role: 'operator', expiresAt: clock.ms + 5 }).record.id,
  ];
  clock.ms += 5;
  apiTokens.tick();
  expect([revoked, expired].map((id) => givers.isBarred(`token:${id}`))).toEqual([false, false]);
  told = 0;
  apiTokens.revoke(revoked);
  expect(told).toBe(1);
  expect([revoked, expired].map((id) => givers.isBarred(`token:${id}`))).toEqual([true, false]);
});

it('a user is barred who was removed, or may only look; not one with a new password', async () => {
  await users.create({ username: 'root', password: 'root of all evil', role: 'admin' });
  const { id } = await users.create({ username: 'ada', password: 'correct horse battery', role: 'admin' });
  const isBarred = () => givers.isBarred(`user:${id}`);
  const answers = [isBarred()];
  await users.change('ada', { password: 'another long password' });
  answers.push(isBarred());
  await users.change('ada', { role: 'operator' });
  answers.push(isBarred());
  told = 0;
  await users.change('ada', { role: 'viewer' });
  expect(told).toBe(1);
  answers.push(isBarred());
  await users.change('ada', { role: 'operator' });
  answers.push(isBarred());
  users.remove('ada');
  expect(told).toBe(3);
  expect([...answers, isBarred()]).toEqual([false, false, false, true, false, true]);
});
