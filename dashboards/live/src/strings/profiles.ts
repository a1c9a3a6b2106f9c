import type { ProfileCheck, ValueType } from '@fieldline/protocol/browser';
import { counted, NBSP } from '../format/number.js';
import { clock, day } from '../format/time.js';
import { words } from './words.js';

const metrics = (n: number): string => counted(n, 'metric', 'metrics');
const commands = (n: number): string => counted(n, 'command', 'commands');
const TYPES: Readonly<Record<ValueType, string>> = {
  number: 'a number',
  boolean: 'true or false',
  string: 'a text',
};

/** Words of device profiles: what kinds of devices there are, and what each says. */
export const profiles = {
  title: 'Profiles',
  says: 'what kinds of devices there are; each is a file in the directory of profiles',
  loading: 'The profiles are on their way here',
  failedHead: 'The profiles did not come.',
  again: 'Ask again',
  emptyHead: 'No profile yet',
  emptyBody:
    'A profile names the metrics, limits, commands and settings of a kind of device. Without one a hub learns.',
  choose: 'Profile',
  none: 'There is no such profile.',
  modes: {
    learn: 'other metrics are taken, too',
    strict: 'other metrics are refused',
  },
  interval: (text: string) => `a reading every ${words.hold(text)}`,
  sum: (m: number, c: number) => `${metrics(m)}, ${commands(c)}`,
  parts: {
    metrics: 'Metrics',
    commands: 'Commands',
    config: 'Configuration',
    simulate: 'Simulator',
  },
  columns: {
    name: 'Name',
    title: 'Title',
    type: 'Type',
    unit: 'Unit',
    range: 'Range',
    limits: 'Limits',
    params: 'Parameters',
    answer: 'Answer within',
    proof: 'Proof',
    fallback: 'Default',
    wave: 'Signal',
    how: 'How',
    act: 'Actions',
  },
  noParams: 'none',
  danger: 'cannot be undone',
  noProof: 'none',
  proof: (reading: string, within: string) => `${reading} within ${words.hold(within)}`,
  reads: (metric: string, value: string) => `${metric} = ${value}`,
  required: 'needed',
  limit: (kind: 'warn' | 'alarm', said: string) => `${kind} ${said}`,
  /** A key of a threshold or a signal, with its value. */
  bound: (key: string, value: string) =>
    ({
      above: `above${NBSP}${value}`,
      below: `below${NBSP}${value}`,
      equals: `at${NBSP}${value}`,
      for: `for${NBSP}${words.hold(value)}`,
      hysteresis: `until it is${NBSP}${value} back`,
    })[key] ?? `${key}${NBSP}${value}`,
  retyped: (type: ValueType, at: number) => `${type} since ${day(at)}, ${clock(at)}`,
  retypedHow: 'An admin has changed it. It wins over the file.',

  retype: {
    open: 'Retype…',
    openOf: (metric: string) => `Retype ${metric}`,
    head: (metric: string, profile: string) => `Give ${metric} of ${profile} another type?`,
    now: (type: ValueType) => `It is ${TYPES[type]} now.`,
    to: 'From now on it is',
    types: TYPES,
    body: (from: ValueType, to: ValueType) =>
      `Values that are ${TYPES[to]} are taken from now on; ${TYPES[from]} is rejected and kept in the quarantine. What is stored stays in the history, and is read back beside the new values.`,
    lasts: 'It holds for every device of this profile, lasts over restarts, and wins over the file.',
    influx:
      'InfluxDB keeps the new values in a field of its own where another type owns the name; reading back hides that.',
    go: (to: ValueType) => `Make it ${TYPES[to]}`,
    cancel: 'Cancel',
    busy: 'Retyping',
    done: (metric: string, to: ValueType) => `${metric} is ${TYPES[to]} from now on.`,
  },

  check: {
    title: 'Check a profile',
    says: 'before it goes into the directory of profiles',
    label: 'A profile in YAML',
    hint: 'Nothing is kept. A profile comes into use as a file, at the next start of the hub.',
    fill: 'Begin with an example',
    fillFrom: (name: string) => `Begin with ${name}`,
    go: 'Check it',
    busy: 'Checking',
    unanswered: 'The hub did not answer. What stands here is kept.',
    problems: (n: number) => counted(n, 'problem', 'problems'),
    at: (line: number, column: number) => `Line ${line}, column ${column}`,
    good: (check: ProfileCheck) =>
      check.profile === null
        ? ''
        : `Nothing is wrong: ${check.profile.profile}, ${metrics(Object.keys(check.profile.metrics).length)}, ${commands(Object.keys(check.profile.commands ?? {}).length)}.`,
    replaces: (name: string) => `There is a profile ${name} already: this one would take its place.`,
    stale: 'The text has changed since.',
    frame: 'The line, and those around it',
    needs: 'Checking a profile needs operator. An admin can give it to you.',
  },
  example: `profile: greenhouse
title: Greenhouse
interval: 10s
metrics:
  temperature: { type: number, unit: Cel, title: Temperature, decimals: 1, alarm: { above: 40, for: 5m } }
  vent:        { type: boolean, title: Vent open }
commands:
  vent.set:
    title: Open or close the vent
    params: { open: { type: boolean, required: true } }
    timeout: 5s
    expect: { metric: vent, equals: $open, within: 30s }
config:
  interval: { type: integer, unit: ms, title: Time between readings, min: 1000, default: 10000 }
`,
} as const;
