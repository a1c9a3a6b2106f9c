import type { Value } from '../messages/fields.js';
import { cString } from '../sketches/quote.js';
import { CNames } from './c-names.js';
import { parseDuration } from './duration.js';
import type { CommandDocument, MetricDocument, ParamDocument, ProfileDocument } from './schema.js';

type Limited = Pick<MetricDocument, 'type' | 'min' | 'max' | 'enum' | 'title' | 'unit' | 'description'>;

/**
 * A device profile as a header of C99 for the firmware library (firmware-bridge/firmware): names as strings and ids,
 * limits, and the table of commands with their handlers' prototypes. The same profile always gives the same text.
 */
export function cHeader(profile: ProfileDocument): string {
  const prefix = profile.profile;
  const names = new CNames(prefix);
  const metrics = Object.entries(profile.metrics);
  const interval = profile.interval === undefined ? undefined : parseDuration(profile.interval);
  const guard = names.macro('H');
  return `${[
    '/*',
    ` * Device profile ${comment(prefix)}${profile.title === undefined ? '' : `: ${comment(profile.title)}`}.`,
    ...(profile.description === undefined ? [] : [` * ${comment(profile.description)}`]),
    ` * Made by \`fieldline profile header ${prefix}\`: make it anew when the profile changes, do not edit it.`,
    ' */',
    `#ifndef ${guard}`,
    `#define ${guard}`,
    '',
    '#include "fieldline.h"',
    '',
    '#ifdef __cplusplus',
    'extern "C" {',
    '#endif',
    '',
    define(names.macro('PROFILE'), cString(prefix)),
    ...(interval === undefined
      ? []
      : ['/* Expected between readings, ms. */', define(names.macro('INTERVAL_MS'), `${interval}`)]),
    '',
    '/* ---- Metrics ---- */',
    '',
    ...metrics.flatMap(([name, metric]) => metricLines(names, name, metric)),
    ...idLines(names, prefix, metrics),
    ...commandLines(names, prefix, Object.entries(profile.commands ?? {})),
    ...configLines(names, Object.entries(profile.config ?? {})),
    '#ifdef __cplusplus',
    '}',
    '#endif',
    '',
    '#endif',
  ].join('\n')}\n`;
}

function metricLines(names: CNames, name: string, metric: MetricDocument): string[] {
  const macro = names.macro(name);
  return [
    `/* ${described(name, metric)} */`,
    define(macro, cString(name)),
    ...limitLines(names, name, metric),
    ...(metric.decimals === undefined ? [] : [define(names.macro(`${name}_DECIMALS`), `${metric.decimals}`)]),
    '',
  ];
}

/** For arrays of what a board keeps of each metric. */
function idLines(names: CNames, prefix: string, metrics: readonly (readonly [string, unknown])[]): string[] {
  return [
    'typedef enum {',
    ...metrics.map(([name]) => `  ${names.macro(`ID_${name}`)},`),
    `  ${names.macro('METRICS')}`,
    `} ${names.word(`${prefix}_metric`)};`,
    '',
    '/* Their names, by these ids. */',
    define(names.macro('METRIC_NAMES'), `{${metrics.map(([name]) => cString(name)).join(', ')}}`),
    '',
  ];
}

function commandLines(
  names: CNames,
  prefix: string,
  commands: readonly (readonly [string, CommandDocument])[],
): string[] {
  if (commands.length === 0) return [];
  const entries: string[] = [];
  const lines = commands.flatMap(([name, command]) => {
    const macro = names.macro(`COMMAND_${name}`);
    const handler = names.word(`${prefix}_${name}`);
    entries.push(`{${macro}, ${handler}}`);
    const params = Object.entries(command.params ?? {});
    return [
      `/* ${commandText(name, command)} */`,
      define(macro, cString(name)),
      ...params.flatMap(([param, document]) =>
        paramLines(names, `COMMAND_${name}_${param}`, param, document),
      ),
      `void ${handler}(fl_call *call, void *user);`,
      '',
    ];
  });
  return [
    '/* ---- Commands: their handlers are yours to write ---- */',
    '',
    ...lines,
    '/* static const fl_command commands[] = <this>; */',
    define(names.macro('COMMANDS'), `{${entries.join(', ')}}`),
    define(names.macro('COMMAND_COUNT'), `${entries.length}`),
    '',
  ];
}

function configLines(names: CNames, keys: readonly (readonly [string, ParamDocument])[]): string[] {
  if (keys.length === 0) return [];
  return [
    '/* ---- Configuration ---- */',
    '',
    ...keys.flatMap(([key, document]) => [...paramLines(names, `CONFIG_${key}`, key, document), '']),
  ];
}

function paramLines(names: CNames, base: string, name: string, param: ParamDocument): string[] {
  const macro = names.macro(base);
  const required = param.required === true ? ', required' : '';
  return [
    `/* ${described(name, param)}${required} */`,
    define(macro, cString(name)),
    ...limitLines(names, base, param),
    ...(param.default === undefined
      ? []
      : [define(names.macro(`${base}_DEFAULT`), literal(param.type, param.default))]),
  ];
}

function limitLines(names: CNames, base: string, { type, min, max }: Limited): string[] {
  return [
    ...(min === undefined ? [] : [define(names.macro(`${base}_MIN`), literal(type, min))]),
    ...(max === undefined ? [] : [define(names.macro(`${base}_MAX`), literal(type, max))]),
  ];
}

/** `Temperature: number, Cel, -40 to 125` */
function described(
  name: string,
  { title, description, type, unit, min, max, enum: allowed }: Limited,
): string {
  const range =
    min !== undefined && max !== undefined
      ? `${min} to ${max}`
      : min !== undefined
        ? `at least ${min}`
        : max === undefined
          ? undefined
          : `at most ${max}`;
  const oneOf = allowed && `one of ${allowed.map((value) => JSON.stringify(value)).join(' ')}`;
  const facts = [type, unit, range, oneOf].filter((fact) => fact !== undefined).join(', ');
  return comment(`${title ?? name}: ${facts}${description === undefined ? '' : `. ${description}`}`);
}

function commandText(name: string, { title, description, timeout, expect }: CommandDocument): string {
  const expected =
    expect &&
    `The hub then expects ${expect.metric} to be ${String(expect.equals).replace(/^\$/, 'the parameter ')}${
      expect.within === undefined ? '' : ` within ${expect.within}`
    }.`;
  const wait = timeout && `It is to be answered within ${timeout}.`;
  return comment([`${title ?? name}.`, description, wait, expected].filter(Boolean).join(' '));
}

function define(name: string, value: string): string {
  return `#define ${name} ${value}`;
}

/** A constant of C. Integers that an `int32_t` does not hold are doubles, as in the library. */
function literal(type: MetricDocument['type'], value: Value): string {
  if (typeof value === 'string') return cString(value);
  if (typeof value === 'boolean') return String(value);
  const isInteger = type === 'integer' && Math.abs(value) < 2 ** 31;
  const digits = isInteger || /[.e]/.test(String(value)) ? String(value) : `${value}.0`;
  return value < 0 ? `(${digits})` : digits;
}

/** Text that cannot end its comment, nor begin one in it. */
function comment(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replaceAll('*/', '* /')
    .replaceAll('/*', '/ *')
    .replaceAll('??', '? ?');
}
