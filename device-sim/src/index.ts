export { Actuators } from './actuators.js';
export { DEFAULT_BATCH, DEFAULT_SEED, Fleet, type FleetOptions } from './fleet.js';
export { MESSAGE_SHAPES, type MessageShape, type TelemetryBody, telemetryBody } from './message-shape.js';
export { type Random, randomFrom } from './random.js';
export { type Measure, measureOf } from './readings.js';
export { RegistrationError } from './registration.js';
export { type Signal, type SignalBounds, signalOf } from './signal.js';
export type { LatencySummary, Summary } from './tally.js';
