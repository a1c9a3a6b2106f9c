import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { BridgePort } from '../bridge.js';

type Samples = Iterable<readonly [labels: Record<string, string>, value: number]>;

/** What a bridge's `/metrics` tells. Read when somebody scrapes; nothing is counted twice. */
export function bridgeMetrics(ports: readonly BridgePort[], now: () => number = Date.now): Registry {
  const registry = new Registry();
  const of = (value: (port: BridgePort) => number) => () =>
    ports.map((port) => [{ port: port.name }, value(port)] as const);
  const by = (label: string, values: (port: BridgePort) => Readonly<Record<string, number>>) => () =>
    ports.flatMap((port) =>
      Object.entries(values(port)).map(([key, value]) => [{ port: port.name, [label]: key }, value] as const),
    );
  const gauge = (name: string, help: string, labelNames: string[], samples: () => Samples) =>
    new Gauge({
      ...{
        name: `fieldline_bridge_${name}`,
        help,
        labelNames: ['port', ...labelNames],
        registers: [registry],
      },
      collect() {
        this.reset();
        for (const [labels, value] of samples()) this.set(labels, value);
      },
    });
  const counter = (name: string, help: string, labelNames: string[], samples: () => Samples) =>
    new Counter({
      ...{
        name: `fieldline_bridge_${name}`,
        help,
        labelNames: ['port', ...labelNames],
        registers: [registry],
      },
      collect() {
        this.reset();
        for (const [labels, value] of samples()) this.inc(labels, value);
      },
    });

  gauge(
    'port_open',
    '1 while the serial port is open.',
    [],
    of((port) => Number(port.isOpen)),
  );
  counter(
    'port_openings_total',
    'Times that the serial port was opened.',
    [],
    of(({ board }) => board.openings),
  );
  gauge(
    'hub_online',
    '1 while the hub is connected as this device.',
    [],
    of(({ hub }) => Number(hub.state === 'online')),
  );
  counter(
    'messages_total',
    'Messages with readings from the board.',
    [],
    of(({ board }) => board.readings),
  );
  counter(
    'duplicates_total',
    'Numbered messages that had been kept before.',
    [],
    of(({ board }) => board.duplicates),
  );
  counter(
    'log_lines_total',
    "Lines of the board's log.",
    [],
    of(({ board }) => board.logLines),
  );
  counter(
    'dropped_total',
    'Lines and frames that were dropped.',
    ['reason'],
    by('reason', ({ board }) => board.dropped),
  );
  counter(
    'refused_total',
    'Messages that the queue, or its disk, had no room for.',
    [],
    of(({ board }) => board.refused),
  );
  gauge(
    'queue_messages',
    'Messages that wait for the hub.',
    [],
    of(({ queue }) => queue.messages),
  );
  gauge(
    'queue_bytes',
    'Bytes of the queue on the disk.',
    [],
    of(({ queue }) => queue.bytes),
  );
  gauge(
    'queue_oldest_seconds',
    'Age of the oldest message that waits; 0 when none does.',
    [],
    of(({ queue }) => (queue.oldestMs === null ? 0 : Math.max(0, now() - queue.oldestMs) / 1_000)),
  );
  counter(
    'queue_skipped_total',
    'Messages that were given up at the limit of the queue.',
    [],
    of(({ queue }) => queue.dropped),
  );
  counter(
    'commands_total',
    'Commands and configurations for the board.',
    ['outcome'],
    by('outcome', ({ board }) => ({ ...board.commands })),
  );
  counter(
    'hub_rejects_total',
    'Values that the hub refused.',
    [],
    of(({ hub }) => hub.rejected),
  );
  counter(
    'hub_log_lines_dropped_total',
    'Lines of the log that did not reach the hub.',
    [],
    of(({ hub }) => hub.linesDropped),
  );
  counter(
    'port_unsent_total',
    'Writes to the port that came to nothing.',
    [],
    of(({ unsent }) => unsent),
  );
  collectDefaultMetrics({ register: registry });
  return registry;
}
