import { describe, expect, it } from 'vitest';
import { collectParam } from './params.js';

describe('parameters of a command line', () => {
  it.each([
    ['on=true', true],
    ['on=null', null],
    ['on=-3.5e2', -350],
    ['on=007', '007'],
    ['on="12"', '12'],
    ['on="half', '"half'],
    ['on=a=b', 'a=b'],
    ['on=', ''],
    ['on=front door', 'front door'],
  ])('%s', (text, value) => {
    expect(collectParam(text, { before: 1 })).toEqual({ before: 1, on: value });
  });

  it.each(['on', '=1', ''])('refuses %j', (text) => {
    expect(() => collectParam(text, {})).toThrow('A parameter is name=value.');
  });
});
