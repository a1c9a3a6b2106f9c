import { setTimeout as delay } from 'node:timers/promises';
import { CpuAccount } from '../cpu-account.js';
import type { Figure, Measurement } from '../figure.js';
import { startLoadedHub } from '../hub/loaded-hub.js';
import { BareLoad } from '../load/bare-load.js';

const CONNECTIONS = 200;
const RATE = 20_000;
/** The sink writes once a second, and compacts behind it: what a round left behind is paid within its account. */
const SETTLE_MS = 3_000;

/** CPU of the hub for a message, beside a bare server that only parses JSON. */
export const ingest: Figure = {
  name: 'ingest',
  title: 'CPU per message, beside a bare ws server',
  async run(bench) {
    const { hub, load } = await startLoadedHub(bench, CONNECTIONS);
    const bare = await BareLoad.start(bench, CONNECTIONS);

    const rounds = bench.quick ? 1 : 3;
    const durationMs = bench.quick ? 5_000 : 10_000;
    bench.note('warming up');
    await load.perform({ do: 'send', rate: RATE, durationMs: 3_000 });
    await bare.send(RATE, 3_000);
    await delay(SETTLE_MS);

    const ofHub = new CpuAccount();
    const ofBare = new CpuAccount();
    let frameBytes = 0;
    for (let round = 1; round <= rounds; round += 1) {
      await ofHub.add(hub.pid, async () => {
        const report = await load.perform({ do: 'send', rate: RATE, durationMs });
        if (report.acked < report.sent)
          throw new Error(`${report.sent - report.acked} messages were not acked`);
        await delay(SETTLE_MS);
        frameBytes = report.frameBytes;
        return report.sent;
      });
      await ofBare.add(bare.pid, () => bare.send(RATE, durationMs));
      bench.note(`round ${round}: hub ${ofHub.last.toFixed(1)} µs, bare ${ofBare.last.toFixed(1)} µs`);
    }
    return results(ofHub, ofBare, frameBytes, `${rounds} rounds of ${durationMs / 1_000} s, alternating`);
  },
};

function results(ofHub: CpuAccount, ofBare: CpuAccount, frameBytes: number, rounds: string): Measurement[] {
  const load = `${RATE} msg/s over ${CONNECTIONS} sockets, single frames of ${Math.round(frameBytes)} bytes, 5 metrics; ${rounds}`;
  return [
    {
      name: 'hub CPU per message',
      value: ofHub.mean,
      unit: 'µs',
      target: null,
      conditions: `${load}; all threads of the process, 3 s of settling included; auth, journal, DuckDB, live with a viewer, metrics scraped`,
    },
    {
      name: 'bare CPU per message',
      value: ofBare.mean,
      unit: 'µs',
      target: null,
      conditions: `${load}; ws + JSON.parse`,
    },
    { name: 'hub / bare', value: ofHub.mean / ofBare.mean, unit: '×', target: 1.8, conditions: load },
  ];
}
