import { expect, it } from 'vitest';
import { suggest } from './suggest.js';

const known = ['journal.maxBytes', 'journal.segmentBytes', 'port', 'host', 'FIELDLINE_MQTT_COMMANDS'];

it.each([
  ['journal.maxbytes', 'journal.maxBytes'],
  ['journal.max_bytes', 'journal.maxBytes'],
  ['journal.segmentByte', 'journal.segmentBytes'],
  ['prot', 'port'],
  ['hots', 'host'],
  ['FIELDLINE_MQTT_COMANDS', 'FIELDLINE_MQTT_COMMANDS'],
  ['zzz', undefined],
  ['', undefined],
  ['a much longer name than any of these', undefined],
])('for %j suggests %j', (name, expected) => {
  expect(suggest(name, known)).toBe(expected);
});
