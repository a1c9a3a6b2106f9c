import { describe, expect, it, vi } from 'vitest';
import { deviceOf } from '../ingest/ingest.fixture.js';
import { sessionsOf, settled } from './session.fixture.js';

const HELLO = { type: 'hello', boot: 'b1', seq: 9 };

function bench(env: Record<string, string> = {}) {
  const hub = sessionsOf(env);
  const device = deviceOf();
  return { ...hub, device, ...hub.connect(device) };
}

describe('welcome', () => {
  it('acks nothing that fills a gap and is not on disk', async () => {
    const { connect, device, send, sync } = bench();
    send(HELLO);
    for (const seq of [1, 2, 5]) send({ type: 'telemetry', seq, values: { t: seq } });
    await sync();
    send({ type: 'telemetry', seq: 3, values: { t: 3 } });
    device.session = null; // the connection broke, and the board is back before the sync
    const again = connect(device);
    again.send(HELLO);
    expect(again.ws.messages).toMatchObject([{ type: 'welcome', ack: 2 }]);
    await sync();
    expect(again.ws.messages.at(-1)).toMatchObject({ type: 'ack', seq: 5 });
  });

  it('with window 0 is followed by the window, though nothing failed meanwhile', () => {
    const { clock, sessions, send, ws } = bench();
    clock.canWrite = false;
    send(HELLO);
    sessions.tellWindow();
    clock.canWrite = true;
    sessions.tellWindow();
    sessions.tellWindow();
    expect(ws.messages).toMatchObject([
      { type: 'welcome', window: 0 },
      { type: 'window', window: 256 },
    ]);
  });
});

describe('acks', () => {
  it('of a boot that came with the message reach the connection that asked last', async () => {
    const { connect, device, send, sync } = bench();
    const message = { type: 'telemetry', boot: 'own', seq: 1, values: { t: 1 } };
    send(message);
    device.session = null;
    const again = connect(device);
    again.send(message);
    await settled();
    expect(again.ws.sent).toEqual([]);
    await sync();
    expect(again.ws.messages).toEqual([{ type: 'ack', boot: 'own', seq: 1 }]);
  });
});

describe('what the hub sends', () => {
  it('stays within rxMax', () => {
    const { send, ws } = bench();
    send({ ...HELLO, rxMax: 256 });
    const long = 'é'.repeat(500);
    send({ type: 'telemetry', seq: 1, values: { [long]: 1, ok: 1 } });
    send(`{"type":"telemetry","seq":2,"values":{"t":nan,"${'x'.repeat(300)}`);
    for (const text of ws.sent) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(256);
    expect(ws.messages).toMatchObject([
      { type: 'welcome' },
      { type: 'reject', seq: 1, code: 'bad_metric_name' },
      { type: 'error', seq: 2, code: 'malformed' },
    ]);
  });

  it.each(['rejects', 'pongs'])('is not heaped up for a device that does not read it: %s', (what) => {
    const { send, session, ws } = bench();
    ws.bufferedAmount = 100_000;
    if (what === 'pongs') session.heard();
    else send({ type: 'telemetry', values: { 'no name': 1 } });
    expect(ws.isPaused).toBe(true);
  });

  it('and keeps of a broken frame holds no token', () => {
    const { send, refused } = bench();
    send('{"type":"hello","token":"fld_secret","rxMax":1}');
    expect(refused).toEqual(['{"type":"hello","token":"…","rxMax":1}']);
  });
});

it('a broken frame of another boot answers no message of this one', () => {
  const { send, ingest, device } = bench();
  send({ ...HELLO, seq: 0 });
  send('{"type":"telemetry","boot":"b0","seq":1,"values":{"t":nan}}');
  expect(ingest.boot(device, 'b1').high).toBe(0);
  send('{"type":"telemetry","boot":"b1","seq":1,"values":{"t":nan}}');
  expect(ingest.boot(device, 'b1').high).toBe(1);
});

describe('a device that waits for its rate', () => {
  it('is not closed for acks that have long gone out', async () => {
    const { send, sync, session } = bench({
      ...{ FIELDLINE_RATE_LIMIT: '1', FIELDLINE_DEVICE_RATE_BURST: '1', FIELDLINE_DEVICE_WINDOW: '1' },
    });
    send(HELLO);
    for (const seq of [1, 2]) send({ type: 'telemetry', seq, values: { t: seq } });
    expect(session.intake.stuckSinceMs).not.toBeNull();
    await sync();
    expect(session.intake.stuckSinceMs).toBeNull();
  });

  it('waits on after it has connected anew', () => {
    const { send, connect, device } = bench({
      ...{ FIELDLINE_RATE_LIMIT: '1', FIELDLINE_DEVICE_RATE_BURST: '1' },
    });
    send({ type: 'telemetry', boot: 'b', seq: 1, values: { t: 1 } });
    device.session = null;
    const again = connect(device);
    again.send({ type: 'telemetry', boot: 'b', seq: 2, values: { t: 2 } });
    expect(again.ws.isPaused).toBe(true);
  });
});

describe('a message on which the hub fails', () => {
  const failOnce = (ingest: ReturnType<typeof bench>['ingest']) =>
    vi.spyOn(ingest, 'telemetry').mockImplementationOnce(() => {
      throw new Error('a bug');
    });

  it('ends its connection with 1011', () => {
    const { send, ws, ingest } = bench();
    send({ ...HELLO, caps: ['reconnect'] });
    failOnce(ingest);
    send({ type: 'telemetry', seq: 10, values: { t: 1 } });
    expect(ws.messages).toMatchObject([
      { type: 'welcome' },
      { type: 'error', code: 'internal', fatal: true },
    ]);
    expect(ws).toMatchObject({ closedWith: 1011, isCutOff: false });
  });

  it('ends it by bye and without a close frame where the device would not come back otherwise', () => {
    const { send, ws, ingest } = bench();
    send(HELLO);
    failOnce(ingest);
    send({ type: 'telemetry', seq: 10, values: { t: 1 } });
    expect(ws.messages).toMatchObject([
      { type: 'welcome' },
      { type: 'error', code: 'internal', fatal: true },
      { type: 'bye', retryAfter: expect.any(Number) },
    ]);
    expect(ws).toMatchObject({ closedWith: null, isCutOff: true });
  });

  it('is not the end of the hub: the device comes back, and others go on', async () => {
    const { send, connect, device, ingest, sessions, session, sync } = bench();
    const other = connect(deviceOf('esp-2'));
    other.send(HELLO);
    send(HELLO);
    failOnce(ingest);
    const message = { type: 'telemetry', seq: 10, values: { t: 1 } };
    send(message);
    send(message); // what was under way already is not taken any more
    sessions.ended(session, 'internal');
    const again = connect(device);
    for (const { send } of [again, other]) {
      send(HELLO);
      send(message);
    }
    await sync();
    for (const { ws } of [again, other]) {
      expect(ws.messages.at(-1)).toEqual({ type: 'ack', boot: 'b1', seq: 10 });
    }
  });
});

it('a connection that is being closed is not paused any more: its close has to be read', () => {
  const { session, ws } = bench();
  session.end(4401, 'unauthorized', 'revoked');
  session.intake.close();
  expect(ws).toMatchObject({ isPaused: false, closedWith: 4401 });
});
