import { expect, test } from 'vitest';
import type { Command } from '../../commands/command.js';
import { Device } from '../../devices/device.js';
import type { SinkStatus } from '../../sinks/sink.js';
import { Counters } from '../counters.js';
import { InfluxReport, type InfluxReportOptions } from './influx-report.js';

const NOW = 1_767_225_600_000;
const ABOVE_ALL = Number.POSITIVE_INFINITY;

function device(id: string): Device {
  const made = new Device({
    ...{ id, name: null, profile: 'pump', tags: {}, disabled: false, createdAt: NOW },
  } as Device['record']);
  made.lastReading = NOW - 2_500;
  made.links = 1;
  return made;
}

function command(id: string, changes: Partial<Command> = {}): Command {
  return {
    ...{ id, device: 'a', name: 'relay.set', params: {}, state: 'sent', queue: false, ttl: 1, timeout: 1 },
    ...{ createdAt: NOW, sentAt: NOW + 20, acceptedAt: null, finishedAt: null, boot: null, result: null },
    ...{ error: null, verification: null, verifiedAt: null, by: 'admin', giver: null },
    ...changes,
  };
}

/** A report whose InfluxDB answers with what `answers` holds, then with 204. */
function open(options: Partial<InfluxReportOptions> = {}) {
  const written: string[][] = [];
  const answers: (number | Error)[] = [];
  const counters = new Counters();
  counters.messages.ws = 7;
  counters.rejects.set('bad_value', 2);
  const sink: SinkStatus = {
    ...{ state: 'retrying', lag: 5, oldest: NOW - 1_000, written: 3, skipped: 0 },
    errors: { network: 4 },
  };
  const report = new InfluxReport({
    counters,
    journal: { stats: () => ({ bytes: 10, maxBytes: 100, trouble: null }) as never },
    sinks: () => ({ influx: sink }),
    directory: { count: () => ({ online: 1, sleeping: 0, offline: 2, stale: 0, flapping: 0 }) },
    viewers: () => 1,
    alarms: { byLevel: () => [['warn', 'raised', 2]] },
    syncs: async () => [[ABOVE_ALL, 0]],
    devices: { all: () => [device('a')] },
    log: { info: () => undefined, warn: () => undefined } as never,
    now: () => NOW,
    everyMs: 1e9,
    client: {
      close: () => undefined,
      write: async (lines) => {
        const answer = answers.shift() ?? 204;
        if (answer instanceof Error) throw answer;
        if (answer === 204) written.push(Buffer.from(lines).toString().split('\n'));
        return { status: answer, body: '' };
      },
    },
    ...options,
  });
  return { report, written, answers };
}

const commandsIn = (lines: readonly string[] = []) =>
  lines.filter((line) => line.startsWith('fieldline_command'));

test('writes how the hub, its sinks and its devices do', async () => {
  const { report, written } = open();
  await report.write();
  const [lines = []] = written;
  const line = (name: string) => lines.find((one) => new RegExp(`^${name}[, ]`).test(one)) ?? '';
  expect(line('fieldline_hub')).toMatch(
    /^fieldline_hub messages_ws=7i,.*devices_online=1i.* 1767225600000000$/,
  );
  expect(line('fieldline_hub')).toContain('alarms_raised=2i');
  // No sync since the look before: there is no time of one.
  expect(line('fieldline_hub')).not.toContain('sync_');
  expect(line('fieldline_sink')).toContain(
    ',sink=influx state="retrying",lag=5i,oldest=1,written=3i,skipped=0i ',
  );
  expect(line('fieldline_sink_error')).toContain(',kind=network,sink=influx count=4i ');
  expect(line('fieldline_reject')).toContain(',code=bad_value count=2i ');
  expect(line('fieldline_device')).toContain(',device=a,profile=pump state="online",online=1i,stale=0i');
  expect(line('fieldline_device')).toContain('age=2.5');
});

test('a device that is disabled is not overdue', async () => {
  const silent = (id: string, disabled: boolean) => {
    const made = new Device({ ...device(id).record, disabled });
    made.lastReading = NOW - 1_000_000;
    made.arrivals.restore(1_000);
    return made;
  };
  const { report, written } = open({ devices: { all: () => [silent('a', false), silent('b', true)] } });
  await report.write();
  const stale = written[0]?.flatMap(
    (line) => /^fieldline_device,device=(\w).*(stale=\d)/.exec(line)?.slice(1) ?? [],
  );
  expect(stale).toEqual(['a', 'stale=1', 'b', 'stale=0']);
});

test('a command is one point, whatever becomes of it', async () => {
  const { report, written } = open();
  report.command(command('01A'));
  await report.write();
  report.command(command('01A', { state: 'succeeded', finishedAt: NOW + 270, verification: 'contradicted' }));
  report.command(command('01B'));
  await report.write();
  const [before] = commandsIn(written[0]);
  const [after, other] = commandsIn(written[1]);
  const place = (line = '') => [line.split(' ')[0], line.split(' ').at(-1)];
  expect(place(after)).toEqual(place(before));
  expect(place(other)).not.toEqual(place(before));
  expect(after).toContain(
    'state="succeeded",verification="contradicted",code="",waited=0.02,round_trip=0.25',
  );
});

test('that a command was contradicted is an event of the moment when it was found, once', async () => {
  const { report, written } = open();
  const HOUR = 3_600_000;
  const judged = { createdAt: NOW - HOUR, verification: 'contradicted', verifiedAt: NOW - 10 } as const;
  report.command(command('01A', { createdAt: NOW - HOUR, verification: 'pending' }));
  report.command(command('01A', { ...judged, state: 'timed_out' }));
  report.command(command('01A', { ...judged, state: 'succeeded' }));
  await report.write();
  report.command(command('01A', { ...judged, state: 'succeeded' }));
  await report.write();
  const [first = [], again] = written.map((lines) =>
    lines.filter((line) => line.includes('kind=contradicted')),
  );
  expect(first).toHaveLength(1);
  expect(first[0]).toMatch(
    /^fieldline_event,device=a,kind=contradicted title="Contradicted",text="relay.set" 1767225599990\d{3}$/,
  );
  expect(again).toEqual(first);
});

test('while InfluxDB is away commands and events wait, the newest of them', async () => {
  const { report, written, answers } = open({ mostWaiting: 3 });
  answers.push(new Error('away'), 503);
  for (const id of ['1', '2', '3', '4']) report.command(command(id));
  await report.write();
  report.reboot(device('a'), 'b2');
  await report.write();
  expect(report.dropped).toBe(2);
  await report.write();
  expect(written).toHaveLength(1);
  expect(commandsIn(written[0])).toHaveLength(2);
  expect(written[0]?.at(-1)).toContain('fieldline_event,device=a,kind=reboot title="Reboot",text="boot b2" ');
  await report.write();
  expect(commandsIn(written[1])).toEqual([]);
});

test('what InfluxDB refuses is not sent again', async () => {
  const { report, written, answers } = open();
  answers.push(400);
  report.command(command('1'));
  await report.write();
  await report.write();
  expect(commandsIn(written[0])).toEqual([]);
});

test('of many devices some are written at a time, each in its turn', async () => {
  const devices = ['a', 'b', 'c', 'd', 'e'].map(device);
  const { report, written } = open({ devicesAtOnce: 2, devices: { all: () => devices } });
  for (let i = 0; i < 4; i++) await report.write();
  const ids = written.map((lines) =>
    lines.flatMap((line) => /^fieldline_device,device=(\w)/.exec(line)?.[1] ?? []),
  );
  expect(ids).toEqual([['a', 'b'], ['c', 'd'], ['e'], ['a', 'b']]);
});

test('a stop writes what came last', async () => {
  const { report, written } = open();
  report.open();
  report.command(command('1'));
  await report.close();
  expect(commandsIn(written[0])).toHaveLength(1);
});

test('a stop does not wait for an InfluxDB that says nothing', async () => {
  let hangUp: (error: Error) => void = () => undefined;
  const { report } = open({
    client: {
      write: () =>
        new Promise((_, reject) => {
          hangUp = reject;
        }),
      close: () => hangUp(new Error('closed')),
    },
  });
  const writing = report.write();
  await expect.poll(() => hangUp.length).toBe(1);
  report.command(command('1'));
  await report.close();
  await writing;
});
