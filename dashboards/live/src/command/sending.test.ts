import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/client.js';
import { aCommand } from './command.fixture.js';
import { newKey, Sending } from './sending.js';

function hub(...answers: (ApiError | null)[]) {
  const asked: { body: object; key: string }[] = [];
  let keys = 0;
  const sending = new Sending(
    async (body: object, key) => {
      asked.push({ body, key });
      const answer = answers.shift();
      if (answer) throw answer;
      return aCommand();
    },
    () => `k${++keys}`,
  );
  return { sending, asked };
}
const silence = new ApiError('timeout', 0, '');
const gateway = new ApiError('http_502', 502, '');
const offline = new ApiError('device_offline', 409, 'a is offline');

describe('Sending', () => {
  it('repeats the very same request after silence, so that it is taken once', async () => {
    const { sending, asked } = hub(silence, gateway, null);
    expect((await sending.try({ name: 'a' })).kind).toBe('unanswered');
    // The device went offline meanwhile: the wish of before may be under way.
    expect((await sending.try({ name: 'a', queue: true })).kind).toBe('unanswered');
    expect((await sending.try({ name: 'a', queue: true })).kind).toBe('taken');
    expect(asked).toEqual(Array(3).fill({ body: { name: 'a' }, key: 'k1' }));
  });

  it('makes a new request after a refusal', async () => {
    const { sending, asked } = hub(offline, null);
    expect(await sending.try({ name: 'a' })).toEqual({
      kind: 'refused',
      code: 'device_offline',
      message: 'a is offline',
    });
    await sending.try({ name: 'a', queue: true });
    expect(asked[1]).toEqual({ body: { name: 'a', queue: true }, key: 'k2' });
  });

  it('has a key of its own for each', () => {
    expect(newKey()).toMatch(/^[0-9a-f]{32}$/);
    expect(newKey()).not.toBe(newKey());
  });
});
