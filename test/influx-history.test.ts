import { afterAll, beforeAll, describe } from 'vitest';
import { describeHistory } from '../hub/src/history/history.contract.js';
import { influxParts, type PartsOptions, ROLLUPS } from './kit/influx-parts.js';
import { type Influxd, requireInfluxd, startInfluxd } from './kit/influxd.js';

const isThere = requireInfluxd();
let influxd: Influxd;
beforeAll(async () => {
  if (isThere) influxd = await startInfluxd();
});
afterAll(() => influxd?.dispose());

let databases = 0;
async function open(options: Partial<PartsOptions> = {}) {
  const parts = influxParts({ url: influxd.url, database: `db ${++databases}`, ...options });
  await parts.sink.open();
  return parts;
}

describe.runIf(isThere)('history in InfluxDB', () => {
  describeHistory(
    'InfluxDB',
    async () => {
      const { history, write, close } = await open();
      return { history, close, tidy: async () => undefined, write: async (r) => void (await write(r)) };
    },
    { keepsEqualTimes: false },
  );

  describeHistory(
    'InfluxDB with rollups',
    async () => {
      const { history, write, close, admin } = await open({ wishes: ROLLUPS });
      return { history, close, tidy: () => admin.tidy(), write: async (r) => void (await write(r)) };
    },
    { keepsEqualTimes: false },
  );
});
