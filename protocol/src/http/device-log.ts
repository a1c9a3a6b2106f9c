import Type from 'typebox';
import type { DeepReadonly } from '../deep-readonly.js';
import { Time } from './fields.js';

/** A line that a device logged; `at` is when it arrived. */
export const DeviceLogLine = Type.Object(
  { at: Time, level: Type.String(), message: Type.String() },
  {
    title: 'DeviceLogLine',
    examples: [{ at: 1767225600123, level: 'warn', message: 'brown-out detected' }],
  },
);
export type DeviceLogLine = DeepReadonly<Type.Static<typeof DeviceLogLine>>;
