import { BOARDS, sketchOf } from '@fieldline/protocol/browser';
import { expect, it } from 'vitest';
import { highlight } from './highlight.js';

const input = {
  ...{ hubUrl: 'http://10.0.0.2:8080', device: 'esp-1', token: 'fld_x', intervalMs: 5_000 },
  values: { temperature: 1.5, door: true },
  mqtt: { host: '10.0.0.2', port: 1883, secure: false, prefix: 'fieldline/v1', embedded: true },
};

it.each(BOARDS)('nothing of a sketch is lost, and its values stand out: %s', (board) => {
  const code = sketchOf(board, input);
  const spans = highlight(code, ['esp-1', 'fld_x', '10.0.0.2']);
  expect(spans.map(({ text }) => text).join('')).toBe(code);
  const values = spans.filter(({ kind }) => kind === 'value').map(({ text }) => text);
  expect(values).toContain('fld_x');
  expect(values).toContain('10.0.0.2');
});

it('a URL is no comment, and #include none either', () => {
  const kinds = highlight('#include <x.h> // y\nurl = "http://a"', []).map(
    ({ kind, text }) => `${kind}:${text}`,
  );
  expect(kinds).toContain('comment:// y');
  expect(kinds).toContain('keyword:#include');
  expect(kinds).toContain('string:"http://a"');
});
