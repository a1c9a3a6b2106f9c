import { loadProfile, type Profile, UNITS } from '@fieldline/protocol';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { generate } from '../generate.js';
import { boardsIn } from './files.fixture.js';
import { lintBoards } from './lint.fixture.js';
import { lintProvisioning } from './lint-provisioning.fixture.js';
import { faultsOf } from './provisioning.fixture.js';

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,20}$/);
/** Words that people write, among them those that would be something else in a template or in a query. */
const words = fc.oneof(
  fc.constantFrom('$HOME', `\${USER}`, '{{ $labels.x }}', '/^$/', `"'\\`, '°C', '$__interval'),
  fc.string({ minLength: 1, maxLength: 20 }),
);
const limit = fc.record({
  above: fc.integer(),
  hysteresis: fc.nat(5),
  for: fc.constantFrom('0s', '90s', '2h'),
});
const number = fc.record(
  {
    ...{ type: fc.constantFrom('number', 'integer'), title: words, warn: limit, alarm: limit },
    unit: fc.constantFrom(...UNITS.map(({ code }) => code), '{widgets}'),
  },
  { requiredKeys: ['type'] },
);
const state = fc.oneof(
  fc.record(
    { type: fc.constant('boolean'), alarm: fc.record({ equals: fc.boolean() }) },
    { requiredKeys: ['type'] },
  ),
  fc.record(
    { type: fc.constant('string'), title: words, alarm: fc.record({ equals: words }) },
    { requiredKeys: ['type'] },
  ),
);
const document = fc.record(
  {
    profile: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,50}$/),
    title: words,
    interval: fc.constantFrom('500ms', '10s', '7m'),
    retention: fc.constantFrom('7d', '400d'),
    metrics: fc.dictionary(name, fc.oneof(number, state), { maxKeys: 6, noNullPrototype: true }),
  },
  { requiredKeys: ['profile', 'metrics'] },
);

/** Null for what no profile may say. */
function profileOf(content: object): Profile | null {
  try {
    return loadProfile(JSON.stringify(content), 'any.yaml');
  } catch {
    return null;
  }
}

test('whatever a profile says, what is made of it is what Grafana reads', () => {
  let made = 0;
  fc.assert(
    fc.property(fc.array(document, { minLength: 1, maxLength: 3 }), (documents) => {
      const profiles = documents.map(profileOf).filter((profile) => profile !== null);
      if (profiles.length > 0) made++;
      const files = generate(new Map(profiles.map((profile) => [profile.name, profile])));
      for (const [path, text] of files)
        if (path.endsWith('.yaml'))
          expect({ path, faults: faultsOf(path, load(text)) }).toEqual({ path, faults: [] });
      expect(lintBoards(boardsIn(files))).toEqual([]);
      expect(lintProvisioning(files)).toEqual([]);
    }),
    { numRuns: 25 },
  );
  expect(made).toBeGreaterThan(8);
});
