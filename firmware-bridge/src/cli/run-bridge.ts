import { startBridge } from '../bridge.js';
import type { BridgeConfig } from '../config/config.js';
import { openLog } from '../log/open-log.js';
import { EXIT, type Host, stopSignal } from './host.js';
import { Screen } from './screen.js';
import { statusLines } from './status.js';

/** How often the status is drawn. */
const STATUS_MS = 1_000;
/** A port or a disk that hangs does not hold the process for longer. */
const STOP_WITHIN_MS = 10_000;

export interface RunOptions {
  /** JSON lines, and no status. */
  readonly json: boolean;
  readonly logLevel: string;
}

/** Runs the bridge until SIGINT or SIGTERM, closes it, and answers the exit code. */
export async function runBridge(config: BridgeConfig, options: RunOptions, host: Host): Promise<number> {
  const isWatched = host.stdout.isTTY === true && !options.json;
  const screen = new Screen(host.stdout);
  const log = openLog(options.logLevel, {
    json: options.json,
    stream: isWatched ? screen.log : host.stdout,
    colors: isWatched && !host.env.NO_COLOR,
  });
  const signal = stopSignal(host);
  const bridge = await startBridge(config, log);
  const metrics = bridge.metricsUrl === null ? '' : `, metrics at ${bridge.metricsUrl}`;
  log.info(`the bridge is running for ${config.url}${metrics}`);
  const counted = new Map<string, number>();
  const draw = () => screen.show(statusLines(bridge.ports, counted, STATUS_MS));
  const timer = isWatched ? setInterval(draw, STATUS_MS) : undefined;
  await signal.stopped;
  clearInterval(timer);
  if (isWatched) screen.end();
  log.info('stopping');
  const deadline = setTimeout(() => {
    log.error('the bridge did not stop in time');
    host.exit(EXIT.failed);
  }, STOP_WITHIN_MS);
  await bridge.close();
  clearTimeout(deadline);
  signal.release();
  log.info('stopped; what waits for the hub stays on the disk');
  return EXIT.ok;
}
