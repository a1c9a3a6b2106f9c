import Type from 'typebox';
import { ROLES } from '../codes.js';
import { choice, mapOf } from '../combinators.js';
import { Value } from '../messages/fields.js';
import { METRIC_NAME_PATTERN, PROFILE_NAME_PATTERN } from '../names.js';

/** Fields that several shapes of the HTTP API share (protocol §3 "Shapes"). */

export const Time = Type.Integer({ description: 'ms since 1970', examples: [1767225600123] });

/** A name or a tag's value: at most 128 bytes of UTF-8. The format counts bytes, which `maxLength` cannot. */
export const Text = Type.String({ maxLength: 128, format: 'text' });

export const ProfileName = Type.String({ pattern: PROFILE_NAME_PATTERN, examples: ['env-sensor'] });

/** Tags that somebody sets: named like metrics. */
export const NewTags = mapOf(Text, {
  maxProperties: 32,
  propertyNames: { pattern: METRIC_NAME_PATTERN },
  examples: [{ site: 'north' }],
});

export const MetricValue = Type.Union([...Value.anyOf], {
  description: 'A number, a boolean or a text.',
});

export const RoleName = choice(ROLES, { title: 'Role' });
