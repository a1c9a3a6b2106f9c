import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceClient } from './kit/device-client.js';
import { HubProcess } from './kit/hub-process.js';
import { missing, requireTool } from './kit/require-tool.js';
import { readTrace, type SystemCall } from './kit/system-calls.js';
import { tempDir } from './kit/temp-dir.js';

const canTrace =
  requireTool('strace', 'strace') &&
  (requireTool('ptrace', 'strace', ['strace', '-f', '-o', '/dev/null', 'true']) ||
    missing('strace may not trace processes here (ptrace is forbidden)'));

const MESSAGES = 50;
const trace = tempDir('trace');
const traceFile = join(trace.path, 'strace.txt');

/** -D: strace is a grandchild, so that signals and the pid are the hub's own. -y: descriptors with their paths. */
const hub = new HubProcess({
  under: [
    ...['strace', '-D', '-f', '-y', '-s', '256', '-o', traceFile],
    ...['-e', 'trace=fdatasync,fsync,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg'],
  ],
  env: { UV_USE_IO_URING: '0' },
});

beforeAll(async () => {
  if (canTrace) await hub.start();
});

afterAll(async () => {
  await hub.dispose();
  trace.remove();
});

describe.skipIf(!canTrace)('a trace of the system calls', () => {
  it('shows fdatasync of the journal returning before every ack is written', async () => {
    const device = await DeviceClient.connect(hub.url, { token: await hub.http.addDevice('traced') });
    await device.hello({ boot: 'b1', seq: 0 });
    for (let seq = 1; seq <= MESSAGES; seq++) {
      device.send({ type: 'telemetry', seq, values: { n: seq } });
      await device.acked(seq);
    }
    await device.close();
    await hub.stop();

    const calls = readTrace(readFileSync(traceFile, 'utf8'));
    let before = 0;
    for (let seq = 1; seq <= MESSAGES; seq++) {
      const ack = calls.findIndex((call) => isAck(call, seq));
      expect(ack, `the ack of ${seq} in the trace`).toBeGreaterThan(before);
      // Stop and wait: what was written to the journal since the last ack is this message.
      const since = calls.slice(before, ack);
      const written = since.findIndex((call) => isJournal(call) && call.name.includes('write'));
      const synced = since.findIndex(
        (call, index) => index > written && isJournal(call) && call.name === 'fdatasync' && call.result === 0,
      );
      expect(written, `a write to the journal before the ack of ${seq}`).toBeGreaterThanOrEqual(0);
      expect(synced, `a completed fdatasync after it, before the ack of ${seq}`).toBeGreaterThan(written);
      before = ack;
    }
  });
});

function isJournal({ target }: SystemCall): boolean {
  return target.includes('/journal/');
}

function isAck({ target, text }: SystemCall, seq: number): boolean {
  return (
    /socket|TCP/i.test(target) && text.includes(`{\\"type\\":\\"ack\\",\\"boot\\":\\"b1\\",\\"seq\\":${seq}}`)
  );
}
