import type { ComponentChildren } from 'preact';
import { SignalBars } from '../fleet/signal-bars.js';
import { age, duration } from '../format/age.js';
import { num } from '../format/number.js';
import { stamp } from '../format/time.js';
import type { LiveDevice } from '../live/device.js';
import { pulse } from '../live/pulse.js';
import { useDeviceShape } from '../live/use-device-shape.js';
import { facts as words } from '../strings.js';
import { type Connections, lastOutage } from './connections.js';

/** What is known of a device beside its readings. */
export function Facts({ device, connections }: { device: LiveDevice; connections: Connections }) {
  useDeviceShape(device);
  const now = pulse.value;
  const { view, lastSeen, interval, online } = device;
  const events = connections.events.value;
  const statusAt = device.statusAt ?? events.findLast(({ event }) => event === 'online')?.at ?? null;
  const outage = lastOutage(events);
  const signal = signalOf(device);
  const connected = online
    ? statusAt === null
      ? words.yes
      : words.connectedSince(statusAt, now - statusAt)
    : device.asleep
      ? words.asleepUntil(view.wakesBy)
      : [words.no, (device.statusReason ?? view.lastDisconnect?.reason)?.replaceAll('_', ' ')]
          .filter(Boolean)
          .join(', ');
  return (
    <section class="panel">
      <header>
        <h2>{words.name}</h2>
      </header>
      <div class="pad slim">
        <dl class="facts">
          <Fact name={words.connected}>
            {connected}
            {view.flapping && <span class="is-warn">, {words.flapping}</span>}
          </Fact>
          {outage && (
            <Fact name={words.outage}>
              <span title={`${stamp(outage.from)} to ${stamp(outage.to)}`}>
                {words.outageSays(outage.to - outage.from, outage.reason?.replaceAll('_', ' '))}
              </span>
            </Fact>
          )}
          <Fact name={words.lastSeen}>
            {lastSeen === null ? (
              <Unsaid />
            ) : (
              <time dateTime={new Date(lastSeen).toISOString()} title={stamp(lastSeen)}>
                {age(Math.max(0, now - lastSeen))}
              </time>
            )}
          </Fact>
          <Fact name={words.interval}>
            {interval === null ? <span class="sub">{words.notKnownYet}</span> : duration(interval)}
          </Fact>
          <Fact name={words.profile}>{view.profile ?? <span class="sub">{words.none}</span>}</Fact>
          <Fact name={words.firmware}>{view.firmware ?? <Unsaid />}</Fact>
          <Fact name={words.boot}>{view.boot ? <span class="mono">{view.boot}</span> : <Unsaid />}</Fact>
          <Fact name={words.reboots}>{num(view.reboots, 0)}</Fact>
          {signal !== undefined && (
            <Fact name={words.signal}>
              <SignalBars dbm={signal} />
              <span class="u">dBm</span>
            </Fact>
          )}
          <Fact name={words.address}>
            {view.address ? <span class="mono">{view.address}</span> : <Unsaid />}
          </Fact>
        </dl>
      </div>
    </section>
  );
}

/** How the readings fared. Trouble has its colour; nothing else has one. */
export function Counters({ device }: { device: LiveDevice }) {
  useDeviceShape(device);
  const { received, gaps, duplicates, rejected, clockRepairs } = device.view.counters;
  const trouble = (count: number) => <span class={count > 0 ? 'is-warn' : ''}>{num(count, 0)}</span>;
  return (
    <section class="panel">
      <header>
        <h2>{words.counters}</h2>
      </header>
      <div class="pad slim">
        <dl class="facts">
          <Fact name={words.received}>{num(received, 0)}</Fact>
          <Fact name={words.duplicates}>{num(duplicates, 0)}</Fact>
          <Fact name={words.missing}>{trouble(gaps)}</Fact>
          <Fact name={words.rejected}>{trouble(rejected)}</Fact>
          <Fact name={words.repaired}>{num(clockRepairs, 0)}</Fact>
        </dl>
      </div>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** The strength of the radio signal, where a metric tells it. */
function signalOf(device: LiveDevice): number | undefined {
  for (const [metric, { value }] of device.latest) {
    const isSignal = device.view.metrics[metric]?.unit === 'dB[mW]' || /(^|[_.-])rssi$/i.test(metric);
    if (isSignal && typeof value === 'number') return value;
  }
  return undefined;
}

const Unsaid = () => <span class="sub">{words.notSaid}</span>;
