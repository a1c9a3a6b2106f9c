import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMAND_ID_PATTERN, DEVICE_ID_PATTERN, isCommandName, METRIC_NAME_PATTERN } from './names.js';
import { parseTopic, topics } from './topics.js';

const device = fc.stringMatching(new RegExp(DEVICE_ID_PATTERN));
const name = fc.stringMatching(new RegExp(METRIC_NAME_PATTERN)).filter(isCommandName);
const commandId = fc.stringMatching(new RegExp(COMMAND_ID_PATTERN));
const prefix = fc.constantFrom('fieldline/v1', 'home', 'a/b/c');

describe('topics', () => {
  it('reads back every topic it builds', () => {
    fc.assert(
      fc.property(prefix, device, name, commandId, (at, id, command, answer) => {
        const built = topics(at);
        expect(parseTopic(built.hubStatus, at)).toEqual({ kind: 'hub_status' });
        expect(parseTopic(built.command(id, command), at)).toEqual({
          kind: 'command',
          device: id,
          name: command,
        });
        expect(parseTopic(built.result(id, answer), at)).toEqual({
          kind: 'result',
          device: id,
          commandId: answer,
        });
        expect(parseTopic(built.configSet(id), at)).toEqual({ kind: 'config_set', device: id });
        for (const kind of [
          'status',
          'telemetry',
          'state',
          'config',
          'ingest',
          'down',
          'up',
          'alarm',
        ] as const) {
          expect(parseTopic(built[kind](id), at)).toEqual({ kind, device: id });
        }
      }),
    );
  });

  it.each([
    'fieldline/v1',
    'fieldline/v1/',
    'fieldline/v2/hub/status',
    'fieldline/v1/hub/status/x',
    'fieldline/v1/devices/a',
    'fieldline/v1/devices/a/',
    'fieldline/v1/devices/+/status',
    'fieldline/v1/devices/a/command/time',
    'fieldline/v1/devices/a/command/x/y',
    'fieldline/v1/devices//status',
    'fieldline/v1/ingest/a/b',
    'other/v1/ingest/a',
  ])('does not know %s', (topic) => {
    expect(parseTopic(topic)).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseTopic(text);
        parseTopic(`fieldline/v1/${text}`);
      }),
    );
  });
});
