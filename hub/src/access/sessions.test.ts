import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, TestClock, TestState } from '../state/state.fixture.js';
import { ApiTokens } from './api-tokens.js';
import { type Grant, Sessions } from './sessions.js';

const HOUR_MS = 3_600_000;

let state: TestState;
let clock: TestClock;
let sessions: Sessions;
let grant: Grant;
let ended: string[];

beforeEach(() => {
  state = new TestState();
  clock = new TestClock();
  const apiTokens = ApiTokens.open(state.file);
  grant = {
    name: 'admin',
    role: 'admin',
    grantedBy: apiTokens.setAdminToken('correct-horse').id,
    isUser: false,
  };
  apiTokens.close();
  open();
});

afterEach(() => {
  sessions.close();
  state.remove();
});

function open(maxSessions = 1_000, maxPerGrant = 50): void {
  sessions = Sessions.open(state.file, { now: clock.now, maxSessions, maxPerGrant });
  ended = [];
  sessions.onEnded((id) => ended.push(id));
}

function restart(): void {
  sessions.close();
  state.reopen();
  open();
}

describe('Sessions', () => {
  it('survive a restart, and only a hash of the cookie is kept', () => {
    const { cookie, session, expiresAt } = sessions.create(grant);
    expect(cookie).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(expiresAt).toBe(clock.ms + 30 * 24 * HOUR_MS);
    restart();
    expect(sessions.verify(cookie)).toEqual(session);
    expect(sessions.verify(`${cookie}A`)).toBeUndefined();
    sessions.close();
    state.file.close();
    expect(readFileSync(state.path).includes(cookie)).toBe(false);
    state.reopen();
  });

  it('end after 12 hours without use, over a restart too', () => {
    const { cookie, session } = sessions.create(grant);
    clock.ms += 11 * HOUR_MS;
    expect(sessions.verify(cookie)).toBeDefined();
    restart();
    clock.ms += 11 * HOUR_MS;
    expect(sessions.verify(cookie)).toBeDefined();
    clock.ms += 12 * HOUR_MS;
    expect(sessions.has(session.id)).toBe(false);
    expect(sessions.verify(cookie)).toBeUndefined();
    sessions.tick();
    expect(ended).toEqual([session.id]);
  });

  it('end after 30 days in any case', () => {
    const { cookie } = sessions.create(grant);
    for (let hour = 0; hour < 30 * 24 - 10; hour += 10) {
      clock.ms += 10 * HOUR_MS;
      expect(sessions.verify(cookie)).toBeDefined();
    }
    clock.ms += 10 * HOUR_MS;
    expect(sessions.verify(cookie)).toBeUndefined();
  });

  it('end when they are told to', () => {
    const first = sessions.create(grant);
    const second = sessions.create(grant);
    sessions.end(first.session.id);
    sessions.end(first.session.id);
    expect(ended).toEqual([first.session.id]);
    restart();
    expect(sessions.verify(first.cookie)).toBeUndefined();
    expect(sessions.verify(second.cookie)).toBeDefined();
    sessions.endGrantedBy(grant.grantedBy);
    expect(ended).toEqual([second.session.id]);
    sessions.tick();
    restart();
    expect(sessions.verify(second.cookie)).toBeUndefined();
  });

  it('make room for new ones: the one that was not used for the longest time ends', () => {
    sessions.close();
    open(2);
    const first = sessions.create(grant);
    const second = sessions.create(grant);
    clock.ms += 1;
    sessions.verify(first.cookie);
    sessions.create(grant);
    expect(ended).toEqual([second.session.id]);
    restart();
    expect(sessions.verify(second.cookie)).toBeUndefined();
    expect(sessions.verify(first.cookie)).toBeDefined();
  });

  it('make room among those of the same token: nobody pushes others out', () => {
    sessions.close();
    open(1_000, 2);
    const tokens = ApiTokens.open(state.file);
    const { record } = tokens.create({ name: 'x', role: 'viewer' });
    const other = sessions.create({ name: 'x', role: 'viewer', grantedBy: record.id, isUser: false });
    const first = sessions.create(grant);
    sessions.create(grant);
    sessions.create(grant);
    expect(ended).toEqual([first.session.id]);
    expect(sessions.has(other.session.id)).toBe(true);
    tokens.close();
  });

  it('end in memory even when that cannot be written', () => {
    const { cookie, session } = sessions.create(grant);
    state.file.close();
    expect(codeOf(() => sessions.end(session.id))).toBe('state_closed');
    expect(sessions.verify(cookie)).toBeUndefined();
    expect(ended).toEqual([session.id]);
    sessions.tick();
  });
});
