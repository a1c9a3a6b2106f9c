import type { DeviceView } from '@fieldline/protocol/browser';
import { signal } from '@preact/signals';
import { hubClock } from '../api/client.js';
import * as hub from '../api/hub.js';
import { LiveDevice } from '../live/device.js';
import type { LiveMessage } from '../live/messages.js';
import type { LiveSocket } from '../live/socket.js';
import { SparkTraces } from './spark-traces.js';

/** The hub's own default: what an operator sees is at most this old. */
const PERIOD_MS = 100;
/** How often the list is asked for again: it finds new devices that have not spoken yet, and counters. */
const REFRESH_MS = { empty: 5_000, small: 60_000, large: 600_000 } as const;
const SMALL = 1_000;
/** Above this many strangers in one update the whole list is asked for instead of each of them. */
const MOST_STRANGERS = 5;

export type FleetStatus =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Who knows the devices: the hub. */
export type Registry = Pick<typeof hub, 'device' | 'devices'>;

/** All devices, kept true by the live socket while the fleet is on screen. */
export class Fleet {
  readonly devices = new Map<string, LiveDevice>();
  readonly traces = new SparkTraces();
  /** Counts up when devices came or went, or one changed its state by word of the hub. */
  readonly changed = signal(0);
  /** Counts up when devices came, went, or were described anew: the order of the list may be another. */
  members = 0;
  readonly status = signal<FleetStatus>({ kind: 'loading' });
  readonly #socket: Pick<LiveSocket, 'subscribe' | 'missed'>;
  readonly #registry: Registry;
  /** Devices that the registry is being asked about. */
  readonly #asking = new Set<string>();
  readonly #frame: (work: () => void) => void;
  #isNoted = false;
  #stop: () => void = () => {};

  constructor(
    socket: Pick<LiveSocket, 'subscribe' | 'missed'>,
    registry: Registry = hub,
    frame: (work: () => void) => void = requestAnimationFrame,
  ) {
    this.#frame = (work) => frame(work);
    this.#socket = socket;
    this.#registry = registry;
  }

  /** Begins to listen and to load. Call `close` when the view goes; what is known stays for the next time. */
  open(): void {
    const abort = new AbortController();
    const unsubscribe = this.#socket.subscribe(
      { devices: '*', what: ['telemetry', 'status'], minPeriod: PERIOD_MS },
      (message) => this.#hear(message),
    );
    // What came during a break is in the history: the sparklines take it from there, and the list may have changed.
    let breaks = 0;
    const unmiss = this.#socket.missed.subscribe(() => {
      if (breaks++ === 0) return;
      this.traces.clear();
      void this.load(abort.signal);
    });
    let timer: ReturnType<typeof setTimeout>;
    const loadAgain = async () => {
      await this.load(abort.signal);
      if (abort.signal.aborted) return;
      const { size } = this.devices;
      const pause = size === 0 ? REFRESH_MS.empty : size <= SMALL ? REFRESH_MS.small : REFRESH_MS.large;
      timer = setTimeout(loadAgain, pause);
    };
    void loadAgain();
    this.#stop = () => {
      abort.abort();
      clearTimeout(timer);
      unsubscribe();
      unmiss();
    };
  }

  close(): void {
    this.#stop();
    this.#stop = () => {};
  }

  /** Asks for the whole list, and drops the devices that are in it no more. Trouble is kept in `status`. */
  async load(abort: AbortSignal = new AbortController().signal): Promise<void> {
    const seen = new Set<string>();
    try {
      for await (const views of this.#registry.devices(abort)) {
        for (const view of views) seen.add(this.#take(view).id);
        this.changed.value++;
      }
      for (const id of this.devices.keys()) if (!seen.has(id) && this.devices.delete(id)) this.members++;
      this.status.value = { kind: 'ready' };
    } catch (error) {
      if (abort.aborted) return;
      this.status.value = { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
    this.changed.value++;
  }

  #take(view: DeviceView): LiveDevice {
    const known = this.devices.get(view.id);
    if (known) {
      if (described(known.view) !== described(view)) this.members++;
      known.refresh(view);
      return known;
    }
    const device = new LiveDevice(view);
    this.devices.set(view.id, device);
    this.members++;
    return device;
  }

  #hear(message: LiveMessage): void {
    const now = hubClock.now();
    if (message.type === 'update') {
      const strangers: string[] = [];
      for (const [id, time, values] of message.readings) {
        const device = this.devices.get(id);
        device?.reading(time, values, now);
        this.traces.reading(id, time, values);
        if (!device) strangers.push(id);
      }
      this.meet(strangers);
    } else if (message.type === 'status') {
      const device = this.devices.get(message.device);
      device?.status(message.online, message.reason ?? null, message.at);
      if (!device) this.meet([message.device]);
      this.#note();
    } else if (message.type === 'snapshot') {
      for (const snapshot of message.devices) this.devices.get(snapshot.id)?.snapshot(snapshot, now);
      this.changed.value++;
    }
  }

  /** Ten thousand devices that come back say so one by one: the list is counted and sorted once a frame. */
  #note(): void {
    if (this.#isNoted) return;
    this.#isNoted = true;
    this.#frame(() => {
      this.#isNoted = false;
      this.changed.value++;
    });
  }

  /** Asks for devices that the list did not have: they were registered while the page was open. */
  meet(ids: readonly string[]): void {
    const strangers = ids.filter((id) => !this.devices.has(id) && !this.#asking.has(id));
    if (strangers.length === 0 || this.status.value.kind !== 'ready') return;
    for (const id of strangers) this.#asking.add(id);
    const asked =
      strangers.length > MOST_STRANGERS
        ? this.load()
        : Promise.allSettled(
            strangers.map(async (id) => {
              this.#take(await this.#registry.device(id));
              this.changed.value++;
            }),
          );
    // Gone again, or the hub is away: the next reading asks anew.
    void asked.finally(() => {
      for (const id of strangers) this.#asking.delete(id);
    });
  }
}

/** What a list is sorted and filtered by, apart from the state. */
function described({ name, profile, tags }: DeviceView): string {
  return JSON.stringify([name, profile, tags]);
}
