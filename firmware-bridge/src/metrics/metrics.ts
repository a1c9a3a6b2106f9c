import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { BridgePort } from '../bridge.js';

/** What is told of each port. */
interface Told {
  readonly type: typeof Gauge | typeof Counter;
  readonly name: string;
  readonly help: string;
  /** One value, or one for each value of a further label. */
  readonly value: (port: BridgePort) => number | Readonly<Record<string, number>>;
  /** The further label. */
  readonly by?: string;
}

/** What a bridge's `/metrics` tells. Read when somebody scrapes; nothing is counted twice. */
export function bridgeMetrics(ports: readonly BridgePort[], now: () => number = Date.now): Registry {
  const registry = new Registry();
  for (const { type: Metric, name, help, value, by } of told(now)) {
    const metric: Gauge | Counter = new Metric({
      name: `fieldline_bridge_${name}`,
      help,
      labelNames: by === undefined ? ['port'] : ['port', by],
      registers: [registry],
      collect() {
        metric.reset();
        for (const port of ports) {
          const read = value(port);
          if (typeof read === 'number') metric.inc({ port: port.name }, read);
          else
            for (const [key, one] of Object.entries(read))
              metric.inc({ port: port.name, [`${by}`]: key }, one);
        }
      },
    });
  }
  collectDefaultMetrics({ register: registry });
  return registry;
}

function told(now: () => number): Told[] {
  const gauge = (name: string, help: string, value: Told['value']): Told => ({
    type: Gauge,
    name,
    help,
    value,
  });
  const counter = (name: string, help: string, value: Told['value'], by?: string): Told => {
    return { type: Counter, name, help, value, ...(by === undefined ? {} : { by }) };
  };
  return [
    gauge('port_open', '1 while the serial port is open.', ({ isOpen }) => Number(isOpen)),
    counter('port_openings_total', 'Times that the serial port was opened.', ({ board }) => board.openings),
    counter('port_unsent_total', 'Writes to the port that came to nothing.', ({ unsent }) => unsent),
    gauge('hub_online', '1 while the hub is connected as this device.', ({ hub }) =>
      Number(hub.state === 'online'),
    ),
    counter('messages_total', 'Messages with readings from the board.', ({ board }) => board.readings),
    counter(
      'duplicates_total',
      'Numbered messages that had been kept before.',
      ({ board }) => board.duplicates,
    ),
    counter('log_lines_total', "Lines of the board's log.", ({ board }) => board.logLines),
    counter(
      'dropped_total',
      'Lines and frames that were dropped.',
      ({ board }) => ({ ...board.dropped }),
      'reason',
    ),
    counter(
      'refused_total',
      'Messages that the queue, or its disk, had no room for.',
      ({ board }) => board.refused,
    ),
    gauge('queue_messages', 'Messages that wait for the hub.', ({ queue }) => queue.messages),
    gauge('queue_bytes', 'Bytes of the queue on the disk.', ({ queue }) => queue.bytes),
    gauge('queue_oldest_seconds', 'Age of the oldest message that waits; 0 when none does.', ({ queue }) =>
      queue.oldestMs === null ? 0 : Math.max(0, now() - queue.oldestMs) / 1_000,
    ),
    counter(
      'queue_skipped_total',
      'Messages that were given up at the limit of the queue.',
      ({ queue }) => queue.dropped,
    ),
    counter(
      'commands_total',
      'Commands and configurations for the board.',
      ({ board }) => ({ ...board.commands }),
      'outcome',
    ),
    counter(
      'untold_total',
      'Acknowledgements, errors and rejects that the board has no room for.',
      ({ board }) => board.untold,
    ),
    counter('hub_given_up_total', 'Messages that are larger than the hub takes.', ({ hub }) => hub.givenUp),
    counter('hub_rejects_total', 'Values that the hub refused.', ({ hub }) => hub.rejected),
    counter(
      'hub_log_lines_dropped_total',
      'Lines of the log that did not reach the hub.',
      ({ hub }) => hub.linesDropped,
    ),
  ];
}
