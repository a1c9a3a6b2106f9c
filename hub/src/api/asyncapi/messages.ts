import {
  Ack,
  AlarmChange,
  Bye,
  Command,
  CommandChange,
  CommandParams,
  CommandView,
  ConfigDesired,
  ConfigReport,
  ConfigValues,
  DeviceState,
  DeviceStatus,
  Hello,
  HubError,
  HubStatus,
  IngestMessage,
  Lag,
  LiveLog,
  LogLine,
  PublishedAlarm,
  PublishedReading,
  RawFrame,
  Reject,
  Result,
  Snapshot,
  StatusChange,
  Subscribe,
  Telemetry,
  TimeAnswer,
  TimeRequest,
  Unsubscribe,
  Update,
  Values,
  ViewerError,
  Welcome,
  Window,
} from '@fieldline/protocol';

/** A message as it is described: what it is called, what it is for, and its schema, the one that its type comes from. */
export interface DescribedMessage {
  readonly summary: string;
  readonly payload: object;
  readonly examples?: readonly object[];
}

/** Every message of the sockets and topics, by the name of its component. */
export const MESSAGES = {
  reading: {
    summary: 'One best-effort reading, stamped when it arrives: an object without `type`',
    payload: Values,
    examples: [{ temperature: 21.5, door: true }],
  },
  hello: {
    summary: 'Introduces the device',
    payload: Hello,
    examples: [{ type: 'hello', boot: '9c1e4b7a', seq: 18_231, caps: ['command', 'config'], rxMax: 1_024 }],
  },
  telemetry: {
    summary: 'Readings, in one of three shapes; with `seq` and a boot they are acked',
    payload: Telemetry,
    examples: [
      { type: 'telemetry', seq: 18_232, time: 1_767_225_600_123, values: { temperature: 21.5, door: true } },
      { type: 'telemetry', seq: 18_233, rows: [[1_767_225_600_123, { temperature: 21.5 }]] },
      {
        type: 'telemetry',
        seq: 18_234,
        t0: 1_767_225_600_000,
        dt: [0, 1_000],
        columns: { temperature: [21.5, 21.6], humidity: [48, null] },
      },
    ],
  },
  result: {
    summary: 'Answers a command',
    payload: Result,
    examples: [{ type: 'result', id: '01J8ZQ', status: 'ok', result: { on: true } }],
  },
  configReport: {
    summary: 'Says which configuration the device runs, or why it refuses the desired one',
    payload: ConfigReport,
    examples: [{ type: 'config', version: 7, ok: true, reported: { interval: 5_000 } }],
  },
  logLine: {
    summary: "A line for the device's log",
    payload: LogLine,
    examples: [{ type: 'log', level: 'warn', message: 'brown-out detected' }],
  },
  timeRequest: {
    summary: 'Asks for the time',
    payload: TimeRequest,
    examples: [{ type: 'time', uptime: 5_123 }],
  },
  welcome: { summary: 'Answers hello', payload: Welcome },
  ack: {
    summary: 'Every message of this boot up to `seq` is on disk, or was answered',
    payload: Ack,
    examples: [{ type: 'ack', boot: '9c1e4b7a', seq: 18_234 }],
  },
  reject: { summary: 'Values of a message were not stored', payload: Reject },
  window: {
    summary: 'How many unacked messages to keep in flight',
    payload: Window,
    examples: [{ type: 'window', window: 0 }],
  },
  command: {
    summary: 'Asks the device to do something',
    payload: Command,
    examples: [{ type: 'command', id: '01J8ZQ', name: 'relay.set', params: { on: true }, ttl: 5_000 }],
  },
  configDesired: {
    summary: 'The configuration that the device shall run',
    payload: ConfigDesired,
    examples: [{ type: 'config', version: 7, desired: { interval: 5_000 } }],
  },
  timeAnswer: { summary: 'The time', payload: TimeAnswer },
  deviceError: { summary: 'Something is wrong; with `seq` it answers that message', payload: HubError },
  bye: { summary: 'The hub is about to end the connection', payload: Bye },

  subscribe: {
    summary: 'Starts a subscription, or replaces the one with the same `id`',
    payload: Subscribe,
    examples: [{ type: 'subscribe', id: 1, devices: ['esp-7f3a'], metrics: ['temperature'], minPeriod: 100 }],
  },
  unsubscribe: {
    summary: 'Ends a subscription',
    payload: Unsubscribe,
    examples: [{ type: 'unsubscribe', id: 1 }],
  },
  snapshot: { summary: 'The state at the moment of the subscription', payload: Snapshot },
  update: { summary: 'What changed since the last update', payload: Update },
  statusChange: { summary: 'A device came or went', payload: StatusChange },
  commandChange: { summary: 'A command changed its state', payload: CommandChange },
  alarmChange: { summary: 'An alarm changed its state', payload: AlarmChange },
  liveLog: { summary: "A line of a device's log", payload: LiveLog },
  rawFrame: { summary: "A frame of a device's socket", payload: RawFrame },
  lag: { summary: 'Updates that a slow viewer did not get', payload: Lag },
  viewerError: { summary: 'A request was refused', payload: ViewerError },

  hubStatus: { summary: 'Whether the hub is there', payload: HubStatus },
  deviceStatus: { summary: 'Whether the device is there', payload: DeviceStatus },
  publishedReading: { summary: 'One reading, from the journal', payload: PublishedReading },
  deviceState: { summary: 'The latest values of all metrics', payload: DeviceState },
  commandParams: {
    summary:
      'Gives the device a command. With MQTT 5: response topic, correlation data and expiry are honoured',
    payload: CommandParams,
    examples: [{ on: true }],
  },
  commandEnd: { summary: 'A command in its end state', payload: CommandView },
  configReported: { summary: 'The configuration that the device runs', payload: ConfigValues },
  configSet: {
    summary: 'Sets the configuration that the device shall run, as a whole',
    payload: ConfigValues,
    examples: [{ interval: 5_000 }],
  },
  publishedAlarm: { summary: 'An alarm that was raised, acknowledged or cleared', payload: PublishedAlarm },
  ingest: {
    summary: 'Telemetry, whose `type` may be left out; acknowledged when it is on disk',
    payload: IngestMessage,
    examples: [{ seq: 1, boot: '9c1e4b7a', values: { temperature: 21.5 } }],
  },
} as const satisfies Readonly<Record<string, DescribedMessage>>;

export type MessageName = keyof typeof MESSAGES;
