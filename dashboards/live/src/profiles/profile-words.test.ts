import { expect, it } from 'vitest';
import { boundsWords, paramsWords, proofWords, rangeWords } from './profile-words.js';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

it.each([
  [{ min: -40, max: 125, unit: 'Cel' }, 'From −40 to 125 °C'],
  [{ min: 5, unit: 'min' }, 'At least 5 min'],
  [{ max: 1 }, 'At most 1'],
  [{ enum: ['idle', 'run'] }, 'idle, run'],
  [{}, ''],
])('%j is %s', (metric, words) => expect(plain(rangeWords(metric))).toBe(words));

it('a threshold reads like a sentence', () => {
  expect(plain(boundsWords({ above: 8, for: '5m' }))).toBe('above 8 for 5 min');
  expect(plain(boundsWords({ equals: true }))).toBe('at on');
});

it('a command tells what it takes and what proves it', () => {
  const command = {
    params: {
      on: { type: 'boolean', title: 'On', required: true },
      speed: { type: 'number', min: 0, max: 10, default: 5 },
    },
    expect: { metric: 'relay', equals: '$on', within: '3s' },
  } as const;
  expect(plain(paramsWords(command))).toBe('On (boolean, needed); Speed (From 0 to 10)');
  expect(plain(proofWords(command))).toBe('relay = $on within 3 s');
  expect([paramsWords({}), proofWords({})]).toEqual(['none', 'none']);
});
