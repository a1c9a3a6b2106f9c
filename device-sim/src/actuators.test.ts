import { loadProfile } from '@fieldline/protocol';
import { expect, test } from 'vitest';
import { Actuators } from './actuators.js';

const profile = loadProfile(
  `
profile: p
metrics:
  relay: { type: boolean }
  mode: { type: string }
  speed: { type: integer }
commands:
  relay.set: { params: { on: { type: boolean, required: true } }, expect: { metric: relay, equals: $on } }
  motor.start: { params: { speed: { type: integer, default: 5 } }, expect: { metric: mode, equals: running } }
  identify: {}
`,
  'p.yaml',
);

test('a command shows in what is measured, until another sets it', () => {
  const actuators = new Actuators(profile);
  const measured = () => actuators.apply({ relay: false, mode: 'idle', speed: 0, level: 1 });
  expect(measured()).toEqual({ relay: false, mode: 'idle', speed: 0, level: 1 });
  expect(actuators.execute({ name: 'relay.set', params: { on: true } })).toEqual({ status: 'ok' });
  expect(actuators.execute({ name: 'motor.start', params: { speed: 7 } })).toEqual({ status: 'ok' });
  expect(measured()).toEqual({ relay: true, mode: 'running', speed: 7, level: 1 });
  actuators.execute({ name: 'relay.set', params: { on: false } });
  expect(actuators.execute({ name: 'identify' })).toEqual({ status: 'ok' });
  expect(measured()).toMatchObject({ relay: false, mode: 'running' });
});

test('what the profile does not name is rejected, and so is what lacks a parameter', () => {
  const actuators = new Actuators(profile);
  expect(actuators.execute({ name: 'explode' })).toEqual({ status: 'rejected', code: 'unknown_command' });
  expect(actuators.execute({ name: 'relay.set' })).toMatchObject({ status: 'rejected', code: 'bad_params' });
  expect(actuators.apply({ relay: false })).toEqual({ relay: false });
});
