import type { AedesPublishPacket } from 'aedes';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { matches } from './filter-tree.js';
import { Retained } from './retained.js';

function packet(topic: string, payload: string): AedesPublishPacket {
  const rest = { cmd: 'publish', brokerId: 'b', brokerCounter: 1, qos: 1, retain: true, dup: false } as const;
  return { ...rest, topic, payload: Buffer.from(payload) };
}

const level = fc.constantFrom('', 'a', 'b', '$SYS');
const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
const filter = fc
  .array(fc.oneof(level, fc.constantFrom('+', '#')), { minLength: 1, maxLength: 4 })
  .map((levels) => levels.filter((each, at) => each !== '#' || at === levels.length - 1).join('/'))
  .filter((text) => text !== '');

it('finds the last message of each topic that matches, once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(topic, fc.constantFrom('', '1', '2')), { maxLength: 20 }),
      fc.array(filter, { minLength: 1, maxLength: 3 }),
      (said, filters) => {
        const retained = new Retained();
        const last = new Map<string, string>();
        for (const [name, payload] of said) {
          retained.put(packet(name, payload));
          if (payload === '') last.delete(name);
          else last.set(name, payload);
        }
        expect(retained.size).toBe(last.size);
        for (const [name] of said) expect(retained.get(name)?.payload.toString()).toBe(last.get(name));
        const found = [...retained.matching(filters)].map((each) => [each.topic, each.payload.toString()]);
        const expected = [...last].filter(([name]) => filters.some((each) => matches(each, name)));
        expect(found.sort()).toEqual(expected.sort());
      },
    ),
  );
});
