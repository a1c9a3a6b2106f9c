import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, TestClock, TestState } from '../state/state.fixture.js';
import { type DeviceChange, Registry } from './registry.js';

let state: TestState;
let registry: Registry;
const clock = new TestClock();

beforeEach(() => {
  state = new TestState();
  registry = Registry.open(state.file, { now: clock.now });
});

afterEach(() => {
  state.remove();
});

describe('Registry', () => {
  it('remembers devices over a restart', () => {
    const tags = { site: 'north', room: 'Küche' };
    const full = registry.create({ id: 'esp-7f3a', name: 'Gerät 1', profile: 'env-sensor', tags });
    const plain = registry.create({ id: 'b' });
    expect(full).toEqual({
      id: 'esp-7f3a',
      name: 'Gerät 1',
      profile: 'env-sensor',
      tags,
      disabled: false,
      createdAt: clock.ms,
    });
    const reopened = Registry.open(state.reopen());
    expect([...reopened.all()]).toEqual([plain, full]);
    expect(reopened.size).toBe(2);
    expect(reopened.get('b')).toEqual(plain);
    expect(reopened.has('c')).toBe(false);
  });

  it('changes what a patch names, and nothing else', () => {
    registry.create({ id: 'a', name: 'one', profile: 'p', tags: { site: 'north' } });
    registry.update('a', { name: null, disabled: true });
    registry.update('a', { tags: { room: '1' } });
    const expected = { name: null, profile: 'p', tags: { room: '1' }, disabled: true };
    expect(registry.get('a')).toMatchObject(expected);
    expect(Registry.open(state.reopen()).get('a')).toMatchObject(expected);
  });

  it('gives records that nobody can change', () => {
    const tags = { site: 'north' };
    const device = registry.create({ id: 'a', tags });
    tags.site = 'south';
    expect(registry.get('a')?.tags).toEqual({ site: 'north' });
    expect(Object.isFrozen(device)).toBe(true);
    expect(Object.isFrozen(device.tags)).toBe(true);
  });

  it('tells its watchers after the fact', () => {
    const changes: DeviceChange[] = [];
    const seen: (string | undefined)[] = [];
    const stop = registry.watch((change) => {
      changes.push(change);
      seen.push(registry.get('a')?.name ?? undefined);
    });
    registry.create({ id: 'a', name: 'one' });
    registry.update('a', { name: 'two' });
    registry.delete('a');
    stop();
    registry.create({ id: 'a' });
    expect(changes.map(({ kind, device }) => [kind, device.name])).toEqual([
      ['created', 'one'],
      ['updated', 'two'],
      ['deleted', 'two'],
    ]);
    expect(seen).toEqual(['one', 'two', undefined]);
  });

  it('gives all devices in order, from any place on', () => {
    for (const id of ['b', 'a', 'd', 'C']) registry.create({ id });
    const ids = (after?: string): string[] => [...registry.all(after)].map(({ id }) => id);
    expect(ids()).toEqual(['C', 'a', 'b', 'd']);
    expect(ids('a')).toEqual(['b', 'd']);
    expect(ids('aa')).toEqual(['b', 'd']);
    expect(ids('z')).toEqual([]);
    registry.delete('b');
    expect(ids('a')).toEqual(['d']);
  });

  it('lets devices come and go while it is asked for all', () => {
    for (const id of ['a', 'b', 'c']) registry.create({ id });
    const ids: string[] = [];
    for (const { id } of registry.all()) {
      ids.push(id);
      if (id === 'a') registry.delete('b');
    }
    expect(ids).toEqual(['a', 'c']);
  });

  it('refuses what is there, or not there', () => {
    registry.create({ id: 'a' });
    expect(codeOf(() => registry.create({ id: 'a' }))).toBe('device_exists');
    expect(codeOf(() => registry.update('b', {}))).toBe('device_not_found');
    expect(codeOf(() => registry.delete('b'))).toBe('device_not_found');
  });

  it.each([
    [{ id: '' }],
    [{ id: '-a' }],
    [{ id: 'a'.repeat(65) }],
    [{ id: 'a/b' }],
    [{ id: 'a', name: 'x'.repeat(129) }],
    [{ id: 'a', name: 'a\0b' }],
    [{ id: 'a', profile: '../etc' }],
    [{ id: 'a', tags: { site: 'ä'.repeat(65) } }],
    [{ id: 'a', tags: { site: '\0' } }],
    [{ id: 'a', tags: { device: 'x' } }],
    [{ id: 'a', tags: { 'a b': 'x' } }],
    [{ id: 'a', tags: JSON.parse('{"__proto__":"x"}') as Record<string, string> }],
    [{ id: 'a', tags: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`t${i}`, 'x'])) }],
  ])('refuses %j', (device) => {
    expect(codeOf(() => registry.create(device))).toBe('bad_device');
    expect(registry.size).toBe(0);
  });

  it('has a limit', () => {
    const small = Registry.open(state.file, { maxDevices: 1 });
    small.create({ id: 'a' });
    expect(codeOf(() => small.create({ id: 'b' }))).toBe('too_many_devices');
  });

  it('takes a change back when it cannot be written', () => {
    registry.create({ id: 'a', name: 'one' });
    state.file.close();
    expect(codeOf(() => registry.create({ id: 'b' }))).toBe('state_closed');
    expect(codeOf(() => registry.update('a', { name: 'two' }))).toBe('state_closed');
    expect(codeOf(() => registry.delete('a'))).toBe('state_closed');
    expect([...registry.all()].map(({ id, name }) => [id, name])).toEqual([['a', 'one']]);
  });

  it('holds ten thousand devices', () => {
    state.file.transaction(() => {
      for (let i = 0; i < 10_000; i += 1) registry.create({ id: `d${i}`, tags: { site: 'north' } });
    });
    const reopened = Registry.open(state.reopen());
    expect(reopened.size).toBe(10_000);
    expect([...reopened.all('d9998')].map(({ id }) => id)).toEqual(['d9999']);
  });
});
