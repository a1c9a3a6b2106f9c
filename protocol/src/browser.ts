/** What runs in a browser too: no Node built-ins, no sockets, no files. */
export * from './client/hub-api.js';
export { HubApiError } from './client/hub-api-error.js';
export * from './client/hub-transport.js';
export * from './client/listing.js';
export * from './codes.js';
export type * from './http/alarm.js';
export type * from './http/attempt.js';
export type * from './http/audit.js';
export type * from './http/claim.js';
export type * from './http/command.js';
export type * from './http/connection.js';
export type * from './http/device.js';
export type * from './http/device-connection.js';
export type * from './http/device-grafana.js';
export type * from './http/device-log.js';
export type * from './http/history.js';
export type * from './http/ingest.js';
export type * from './http/job.js';
export type * from './http/metric.js';
export type * from './http/page.js';
export type * from './http/problem.js';
export type * from './http/profile.js';
export type * from './http/quarantine.js';
export { readProblem } from './http/read-problem.js';
export type * from './http/session.js';
export type * from './http/system.js';
export type * from './http/token.js';
export type * from './http/user.js';
export * from './limits.js';
export type * from './messages/device.js';
export type * from './messages/fields.js';
export type * from './messages/hub.js';
export type * from './messages/live.js';
export type * from './messages/viewer.js';
export * from './names.js';
export { parseDuration } from './profile/duration.js';
export type * from './profile/profile.js';
export type {
  CommandDocument,
  ExpectDocument,
  MetricDocument,
  ParamDocument,
  ProfileDocument,
  ThresholdDocument,
} from './profile/schema.js';
export { exampleValues } from './sketches/example-values.js';
export { deviceSocketUrl, isLoopbackUrl, mqttAddressOf, placeOf } from './sketches/hub-place.js';
export { BOARDS, type Board, type MqttAddress, type SketchInput, sketchOf } from './sketches/sketch.js';
export { cutText, utf8Length } from './text.js';
export * from './units.js';
