import type { Logger } from 'pino';
import { BoardPort } from './board-port.js';
import type { BridgeConfig } from './config/config.js';
import { type MetricsServer, serveMetrics } from './metrics/server.js';

/** One board of a running bridge, for the status line and the metrics. */
export type BridgePort = Omit<BoardPort, 'close'>;

export interface Bridge {
  readonly ports: readonly BridgePort[];
  /** Where `/metrics` is; null when nowhere. */
  readonly metricsUrl: string | null;
  /** Closes the ports first, then the connections; what waits stays on the disk. */
  close(): Promise<void>;
}

/**
 * Builds the bridge and starts it: for each port a line, the board behind it, its queue on the disk, and its connection
 * to the hub. A board or a hub that is not there is waited for.
 * @throws Error when a queue's directory or the address for metrics cannot be used
 */
export async function startBridge(config: BridgeConfig, log: Logger): Promise<Bridge> {
  const ports: BoardPort[] = [];
  let metrics: MetricsServer | undefined;
  const close = async () => {
    await metrics?.close();
    await Promise.all(ports.map((port) => port.close()));
  };
  try {
    for (const port of config.ports) {
      ports.push(await BoardPort.open(port, config, log.child({ port: port.name })));
    }
    if (config.metrics !== null) metrics = await serveMetrics(config.metrics, ports);
  } catch (error) {
    await close();
    throw error;
  }
  return { ports, metricsUrl: metrics?.url ?? null, close };
}
