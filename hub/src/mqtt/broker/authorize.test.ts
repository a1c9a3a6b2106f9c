import { topics } from '@fieldline/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Actor, isFilter, judgePublish, mayRead, maySubscribe, type Rules } from './authorize.js';
import { matches } from './filter-tree.js';

const PREFIX = 'fieldline/v1';
const named = topics(PREFIX);
const RULES: Rules = { prefix: PREFIX, birth: 'homeassistant/status', discovery: true };
const DEVICE: Actor = { kind: 'device', device: 'esp-1' };
const VIEWER: Actor = { kind: 'token', role: 'viewer' };
const OPERATOR: Actor = { kind: 'token', role: 'operator' };
const ADMIN: Actor = { kind: 'token', role: 'admin' };
const ALL = [DEVICE, VIEWER, OPERATOR, ADMIN];

const id = fc.constantFrom('esp-1', 'esp-10', 'esp', 'x', '');
const part = fc.constantFrom(
  'fieldline',
  'v1',
  'ingest',
  'devices',
  'status',
  'up',
  'command',
  '+',
  '#',
  '$SYS',
  '',
  'a b',
);
const topic = fc
  .tuple(
    fc.constantFrom(`${PREFIX}/`, `${PREFIX}/devices/`, `${PREFIX}/ingest/`, '', '/'),
    fc.array(fc.oneof(id, part), { maxLength: 5 }),
  )
  .map(([start, levels]) => start + levels.join('/'));

describe('publishing', () => {
  it.each<[string, Actor, string, string]>([
    ['a device its telemetry', DEVICE, named.ingest('esp-1'), 'ingest'],
    ['a device its up', DEVICE, named.up('esp-1'), 'up'],
    ["a device another's up", DEVICE, named.up('esp-10'), 'refuse'],
    ['a device a config', DEVICE, named.configSet('esp-1'), 'refuse'],
    ["a device another's telemetry", DEVICE, named.ingest('esp-10'), 'refuse'],
    ['a device its own status', DEVICE, named.status('esp-1'), 'refuse'],
    ['a device a command', DEVICE, named.command('esp-1', 'relay.set'), 'refuse'],
    ['a device the birth', DEVICE, 'homeassistant/status', 'refuse'],
    ['a device below its telemetry', DEVICE, `${named.ingest('esp-1')}/x`, 'refuse'],
    ['a device outside', DEVICE, 'anything', 'refuse'],
    ['an operator telemetry', OPERATOR, named.ingest('esp-1'), 'refuse'],
    ['an operator a command', OPERATOR, named.command('esp-1', 'relay.set'), 'request'],
    ['an operator a command without a name', OPERATOR, named.command('esp-1', ''), 'refuse'],
    ['an operator a config', OPERATOR, named.configSet('esp-1'), 'request'],
    ['an operator an up', OPERATOR, named.up('esp-1'), 'refuse'],
    ['a viewer a command', VIEWER, named.command('esp-1', 'relay.set'), 'refuse'],
    ['a viewer a config', VIEWER, named.configSet('esp-1'), 'refuse'],
    ['an admin a command', ADMIN, named.command('esp-1', 'relay.set'), 'request'],
    ['an operator the birth', OPERATOR, 'homeassistant/status', 'birth'],
    ['an admin the birth', ADMIN, 'homeassistant/status', 'birth'],
    ['a viewer the birth', VIEWER, 'homeassistant/status', 'refuse'],
    ['an operator to the system', OPERATOR, '$SYS/broker/x', 'refuse'],
  ])('%s', (_what, actor, on, verdict) => {
    expect(judgePublish(actor, on, RULES).kind).toBe(verdict);
  });

  it('ignores the birth while nobody listens to it', () => {
    expect(judgePublish(OPERATOR, RULES.birth, { ...RULES, discovery: false }).kind).toBe('ignore');
  });

  it('lets nobody publish on any other topic', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ALL), topic, (actor, on) => {
        const verdict = judgePublish(actor, on, RULES);
        if (verdict.kind === 'refuse') return;
        const own = [named.ingest('esp-1'), named.up('esp-1')];
        if (actor.kind === 'device') expect(own).toContain(on);
        else {
          expect(actor.role).not.toBe('viewer');
          if (on !== RULES.birth)
            expect(on).toMatch(/^fieldline\/v1\/devices\/[^/]+\/(command\/[^/]+|config\/set)$/);
        }
      }),
    );
  });
});

describe('subscribing', () => {
  it.each<[Actor, string, boolean]>([
    [DEVICE, `${PREFIX}/devices/esp-1/#`, true],
    [DEVICE, `${PREFIX}/devices/esp-1/+`, true],
    [DEVICE, `${PREFIX}/devices/esp-1`, true],
    [DEVICE, `${PREFIX}/devices/esp-1/command/+`, true],
    [DEVICE, `${PREFIX}/devices/esp-1/+/#`, true],
    [DEVICE, `${PREFIX}/devices/+/status`, false],
    [DEVICE, `${PREFIX}/devices/#`, false],
    [DEVICE, `${PREFIX}/devices/esp-10/#`, false],
    [DEVICE, `${PREFIX}/devices/esp-1#`, false],
    [DEVICE, `${PREFIX}/+/esp-1/#`, false],
    [DEVICE, `+/v1/devices/esp-1/#`, false],
    [DEVICE, `${PREFIX}/hub/status`, false],
    [DEVICE, `${PREFIX}/ingest/esp-1`, false],
    [DEVICE, '#', false],
    [DEVICE, '+', false],
    [DEVICE, '$SYS/#', false],
    [DEVICE, `$share/g/${PREFIX}/devices/esp-1/#`, false],
    [VIEWER, '#', true],
    [VIEWER, `${PREFIX}/devices/+/status`, true],
    [VIEWER, '$SYS/#', false],
    [OPERATOR, '#', true],
    [OPERATOR, 'homeassistant/#', true],
    [OPERATOR, '$SYS/#', true],
    [OPERATOR, '$SYSTEM/#', false],
    [OPERATOR, '$share/g/#', false],
    [OPERATOR, 'a/#/b', false],
    [OPERATOR, 'a/b+', false],
    [OPERATOR, '', false],
  ])('%o to %s: %s', (actor, filter, expected) => {
    expect(maySubscribe(actor, filter, RULES)).toBe(expected);
  });

  it('never shows a device what is not its own, whatever it subscribes to', () => {
    fc.assert(
      fc.property(topic, topic, (filter, on) => {
        if (on.includes('+') || on.includes('#')) return;
        if (!maySubscribe(DEVICE, filter, RULES) || !matches(filter, on)) return;
        const own = `${PREFIX}/devices/esp-1`;
        expect(on === own || on.startsWith(`${own}/`)).toBe(true);
        expect(mayRead(DEVICE, on, RULES)).toBe(on !== own);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('isFilter', () => {
  it('refuses what is too deep or too long', () => {
    const deep = (levels: number) => Array.from({ length: levels }, () => 'a').join('/');
    expect(isFilter(deep(100))).toBe(true);
    expect(isFilter(deep(101))).toBe(false);
    expect(isFilter('a'.repeat(1_024))).toBe(true);
    expect(isFilter('a'.repeat(1_025))).toBe(false);
    expect(isFilter('a\0b')).toBe(false);
  });
});
