import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, TestClock, TestState } from '../state/state.fixture.js';
import { ApiTokens } from './api-tokens.js';

let state: TestState;
let clock: TestClock;
let tokens: ApiTokens;
let revoked: string[];

beforeEach(() => {
  state = new TestState();
  clock = new TestClock();
  open();
});

afterEach(() => {
  tokens.close();
  state.remove();
});

function open(): void {
  tokens = ApiTokens.open(state.file, { now: clock.now });
  revoked = [];
  tokens.onRevoked((id) => revoked.push(id));
}

function restart(): void {
  tokens.close();
  state.reopen();
  open();
}

describe('ApiTokens', () => {
  it('knows a token and its role, over a restart too', () => {
    const { token, record } = tokens.create({ name: 'grafana', role: 'viewer' });
    expect(token).toMatch(/^fla_[A-Za-z0-9_-]{43}$/);
    restart();
    expect(tokens.verify(token)).toEqual({ ...record, lastUsedAt: clock.ms });
    expect(record).toMatchObject({ name: 'grafana', role: 'viewer', isAdminToken: false, expiresAt: null });
    expect(tokens.verify(`${token}x`)).toBeUndefined();
  });

  it('lists tokens without their hashes, oldest first', () => {
    tokens.create({ name: 'one', role: 'viewer' });
    clock.ms += 1;
    tokens.create({ name: 'two', role: 'operator' });
    expect(tokens.list().map(({ name }) => name)).toEqual(['one', 'two']);
    expect(JSON.stringify(tokens.list())).not.toContain('hash');
  });

  it('revokes', () => {
    const { token, record } = tokens.create({ name: 'x', role: 'viewer' });
    tokens.revoke(record.id);
    expect(revoked).toEqual([record.id]);
    expect(tokens.verify(token)).toBeUndefined();
    expect(tokens.isGood(record.id)).toBe(false);
    expect(codeOf(() => tokens.revoke(record.id))).toBe('token_not_found');
    restart();
    expect(tokens.verify(token)).toBeUndefined();
  });

  it('lets tokens expire', () => {
    const { token, record } = tokens.create({ name: 'x', role: 'viewer', expiresAt: clock.ms + 10 });
    expect(tokens.isGood(record.id)).toBe(true);
    clock.ms += 10;
    expect(tokens.verify(token)).toBeUndefined();
    expect(tokens.isGood(record.id)).toBe(false);
    tokens.tick();
    expect(revoked).toEqual([record.id]);
  });

  it('has one admin token, which a new one replaces', () => {
    expect(tokens.adminToken).toBeUndefined();
    const first = tokens.setAdminToken('first-admin-token');
    expect(tokens.setAdminToken('first-admin-token')).toEqual(first);
    expect(revoked).toEqual([]);
    const second = tokens.setAdminToken('second-admin-token');
    expect(revoked).toEqual([first.id]);
    expect(tokens.verify('first-admin-token')).toBeUndefined();
    expect(tokens.verify('second-admin-token')).toMatchObject({
      id: second.id,
      role: 'admin',
      isAdminToken: true,
    });
    expect(tokens.adminToken?.id).toBe(second.id);
    expect(codeOf(() => tokens.revoke(second.id))).toBe('admin_token');
    restart();
    expect(tokens.list()).toHaveLength(1);
    expect(tokens.adminToken?.id).toBe(second.id);
  });

  it('makes a token that was an ordinary one the admin token', () => {
    const { token, record } = tokens.create({ name: 'x', role: 'viewer' });
    tokens.setAdminToken(token);
    expect(tokens.verify(token)).toMatchObject({ role: 'admin', isAdminToken: true });
    expect(revoked).toEqual([record.id]);
    expect(tokens.list()).toHaveLength(1);
  });

  it('refuses what makes no sense, and too many', () => {
    expect(codeOf(() => tokens.create({ name: 'x'.repeat(129), role: 'viewer' }))).toBe('bad_token');
    expect(codeOf(() => tokens.create({ name: 'x', role: 'viewer', expiresAt: 1 }))).toBe('bad_token');
    state.file.transaction(() => {
      for (let i = 0; i < 1_000; i += 1) tokens.create({ name: 'x', role: 'viewer' });
    });
    expect(codeOf(() => tokens.create({ name: 'x', role: 'viewer' }))).toBe('too_many_tokens');
  });
});
