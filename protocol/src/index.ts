export { decodeCbor } from './cbor/decode.js';
export { encodeCbor } from './cbor/encode.js';
export { CborFault } from './cbor/reader.js';
export { recoverCborNumber } from './cbor/recover-seq.js';
export * from './client/hub-api.js';
export { HubApiError } from './client/hub-api-error.js';
export * from './client/hub-transport.js';
export * from './client/listing.js';
export * from './codes.js';
export { choice } from './combinators.js';
export { decodeDeviceFrame, decodeIngestMessage } from './decode/decode.js';
export { decodeDeviceCborFrame } from './decode/decode-cbor.js';
export type {
  DecodedFrame,
  DecodedTelemetry,
  MalformedFrame,
  ReadingFrame,
  TelemetryFrame,
  UnknownTypeFrame,
} from './decode/frame.js';
export { recoverSeq } from './decode/recover-seq.js';
export * from './errors.js';
export * from './http/alarm.js';
export * from './http/attempt.js';
export * from './http/audit.js';
export * from './http/claim.js';
export * from './http/command.js';
export * from './http/connection.js';
export * from './http/device.js';
export * from './http/device-connection.js';
export * from './http/device-grafana.js';
export * from './http/device-log.js';
export * from './http/history.js';
export * from './http/ingest.js';
export * from './http/job.js';
export * from './http/metric.js';
export * from './http/page.js';
export * from './http/problem.js';
export * from './http/profile.js';
export * from './http/quarantine.js';
export { readProblem } from './http/read-problem.js';
export * from './http/session.js';
export * from './http/system.js';
export * from './http/token.js';
export * from './http/user.js';
export { type ParseJsonOptions, parseJson } from './json.js';
export * from './limits.js';
export * from './messages/device.js';
export * from './messages/fields.js';
export * from './messages/hub.js';
export * from './messages/live.js';
export * from './messages/mqtt.js';
export * from './messages/viewer.js';
export * from './names.js';
export { cHeader } from './profile/c-header.js';
export { closest } from './profile/closest.js';
export { parseDuration } from './profile/duration.js';
export { ProfileError, type ProfileIssue } from './profile/fault.js';
export { loadProfile, loadProfiles } from './profile/load.js';
export type * from './profile/profile.js';
export {
  type DeclaredType,
  METRIC_TYPES,
  MetricDocument,
  ProfileDocument,
  WAVES,
  type Wave,
} from './profile/schema.js';
export { exampleValues } from './sketches/example-values.js';
export { deviceSocketUrl, isLoopbackUrl, mqttAddressOf, placeOf } from './sketches/hub-place.js';
export { BOARDS, type Board, type MqttAddress, type SketchInput, sketchOf } from './sketches/sketch.js';
export { cutText, utf8Length } from './text.js';
export * from './topics.js';
export * from './units.js';
export type { ReconnectRange } from './uplink/backoff.js';
export { ConfigUnanswered } from './uplink/configs.js';
export * from './uplink/error.js';
export type { Readings } from './uplink/frames.js';
export type {
  CommandAnswer,
  UplinkClock,
  UplinkDisconnect,
  UplinkOptions,
  UplinkState,
  UplinkStats,
} from './uplink/options.js';
export * from './uplink/uplink.js';
export type { UplinkEncoding } from './uplink/wire.js';
export { UptimeClock } from './uptime-clock.js';
