import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Registry } from '../devices/registry.js';
import { codeOf, TestClock, TestState } from '../state/state.fixture.js';
import { DeviceTokens, type RevokedDeviceToken } from './device-tokens.js';

let state: TestState;
let clock: TestClock;
let registry: Registry;
let tokens: DeviceTokens;
let revoked: RevokedDeviceToken[];

beforeEach(() => {
  state = new TestState();
  clock = new TestClock();
  open();
  registry.create({ id: 'a' });
  registry.create({ id: 'b' });
});

afterEach(() => {
  tokens.close();
  state.remove();
});

function open(): void {
  registry = Registry.open(state.file);
  tokens = DeviceTokens.open(state.file, registry, { now: clock.now });
  revoked = [];
  tokens.onRevoked((token) => revoked.push(token));
}

function restart(): void {
  tokens.close();
  state.reopen();
  open();
}

describe('DeviceTokens', () => {
  it('makes tokens of 256 random bits, and keeps only their hashes', () => {
    const { token, record } = tokens.create('a', { name: 'first' });
    expect(token).toMatch(/^fld_[A-Za-z0-9_-]{43}$/);
    expect(record).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      name: 'first',
      createdAt: clock.ms,
      lastUsedAt: null,
      expiresAt: null,
    });
    tokens.close();
    state.file.close();
    expect(readFileSync(state.path).includes(token.slice(4))).toBe(false);
    state.reopen();
  });

  it('knows whose token it is, over a restart too', () => {
    const { token, record } = tokens.create('a');
    tokens.create('b');
    const expected = { device: 'a', tokenId: record.id, disabled: false };
    expect(tokens.verify(token)).toEqual(expected);
    restart();
    expect(tokens.verify(token)).toEqual(expected);
    for (const wrong of ['', 'fld_', token.slice(0, -1), `${token}x`, token.toLowerCase()]) {
      expect(tokens.verify(wrong)).toBeUndefined();
    }
  });

  it('says when the device is disabled', () => {
    const { token } = tokens.create('a');
    registry.update('a', { disabled: true });
    expect(tokens.verify(token)).toMatchObject({ device: 'a', disabled: true });
  });

  it('lets several tokens of a device live at once, and revokes one of them', () => {
    const first = tokens.create('a', { name: 'first' });
    clock.ms += 1;
    const second = tokens.create('a', { name: 'second' });
    expect(tokens.list('a').map(({ name }) => name)).toEqual(['first', 'second']);
    tokens.revoke('a', first.record.id);
    expect(revoked).toEqual([{ device: 'a', tokenId: first.record.id }]);
    expect(tokens.verify(first.token)).toBeUndefined();
    restart();
    expect(tokens.verify(first.token)).toBeUndefined();
    expect(tokens.verify(second.token)).toBeDefined();
    expect(tokens.list('a').map(({ name }) => name)).toEqual(['second']);
  });

  it('shows nothing but the record in a list', () => {
    tokens.create('a');
    expect(Object.keys(tokens.list('a')[0] ?? {}).sort()).toEqual(
      ['createdAt', 'expiresAt', 'id', 'lastUsedAt', 'name'].sort(),
    );
    expect(tokens.list('ghost')).toEqual([]);
  });

  it('refuses a token once it has expired, and says so to those who listen', () => {
    const { token, record } = tokens.create('a', { expiresAt: clock.ms + 1_000 });
    tokens.create('a', { expiresAt: clock.ms + 5_000 });
    clock.ms += 999;
    tokens.tick();
    expect(tokens.verify(token)).toBeDefined();
    clock.ms += 1;
    expect(tokens.verify(token)).toBeUndefined();
    tokens.tick();
    tokens.tick();
    expect(revoked).toEqual([{ device: 'a', tokenId: record.id }]);
    expect(tokens.list('a')).toHaveLength(2);
    clock.ms += 5_000;
    tokens.tick();
    expect(revoked).toHaveLength(2);
    restart();
    expect(tokens.verify(token)).toBeUndefined();
  });

  it('revokes the tokens of a deleted device', () => {
    const first = tokens.create('a');
    const second = tokens.create('a');
    registry.delete('a');
    expect(revoked.map(({ tokenId }) => tokenId)).toEqual([first.record.id, second.record.id]);
    expect(tokens.verify(first.token)).toBeUndefined();
    restart();
    registry.create({ id: 'a' });
    expect(tokens.verify(first.token)).toBeUndefined();
    expect(tokens.list('a')).toEqual([]);
  });

  it('writes the time of last use in groups', () => {
    const { token, record } = tokens.create('a');
    const onDisk = (): number | null | undefined => {
      const other = DeviceTokens.open(state.file, registry, { now: clock.now });
      other.close();
      return other.list('a')[0]?.lastUsedAt;
    };
    tokens.verify(token);
    const first = clock.ms;
    tokens.tick();
    expect(onDisk()).toBe(first);
    clock.ms += 59_999;
    tokens.verify(token);
    tokens.tick();
    expect(tokens.list('a')[0]?.lastUsedAt).toBe(first + 59_999);
    expect(onDisk()).toBe(first);
    clock.ms += 1;
    tokens.tick();
    expect(onDisk()).toBe(first + 59_999);
    clock.ms += 5;
    tokens.verify(token);
    restart();
    expect(tokens.list('a')).toEqual([{ ...record, lastUsedAt: clock.ms }]);
  });

  it('refuses what makes no sense', () => {
    expect(codeOf(() => tokens.create('ghost'))).toBe('device_not_found');
    expect(codeOf(() => tokens.create('a', { name: '\0' }))).toBe('bad_token');
    expect(codeOf(() => tokens.create('a', { expiresAt: clock.ms }))).toBe('bad_token');
    expect(codeOf(() => tokens.create('a', { expiresAt: clock.ms + 0.5 }))).toBe('bad_token');
    const { record } = tokens.create('a');
    expect(codeOf(() => tokens.revoke('b', record.id))).toBe('token_not_found');
    for (let i = 1; i < 16; i += 1) tokens.create('a');
    expect(codeOf(() => tokens.create('a'))).toBe('too_many_tokens');
    tokens.create('b');
  });

  it('revokes nothing when that cannot be written', () => {
    const { token, record } = tokens.create('a');
    state.file.close();
    expect(codeOf(() => tokens.revoke('a', record.id))).toBe('state_closed');
    expect(tokens.verify(token)).toBeDefined();
    expect(revoked).toEqual([]);
    tokens.tick();
  });
});
