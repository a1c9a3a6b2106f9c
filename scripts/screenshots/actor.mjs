import { Uplink } from '@fieldline/protocol';
import { Actuators, measureOf } from '../../device-sim/dist/index.js';

export const MINUTE_MS = 60_000;
const SEED = 'pictures';
/** Readings in one message to the hub. */
const ROWS = 1_000;
/** All of them were silent for six minutes. */
const GAP_MINUTES = { from: 100, to: 94 };
const CLOSE_MS = 2_000;

/** A simulated device with a past, which does what its part in the pictures asks for. */
export class Actor {
  #hub;
  #part;
  #measure;
  #actuators;
  #uplink;
  #timer;

  /**
   * @param part `{ id, name, profile, tags, hours, story, … }`: `hours` of history, `story(minutes ago, values)` changes what
   * was measured; the rest goes to its uplink
   */
  constructor(hub, part) {
    this.#hub = hub;
    this.#part = part;
    this.#measure = measureOf(part.profile, part.id, SEED);
    this.#actuators = new Actuators(part.profile);
  }

  get id() {
    return this.#part.id;
  }

  /** Registers it, sends its past and connects it; it has sent one reading then. */
  async open() {
    const { id, name, profile, tags, hours, story: _, ...options } = this.#part;
    const { token } = await this.#hub.api('/devices', { id, name, profile: profile.name, tags });
    await this.#remember(token, Date.now() - hours * 60 * MINUTE_MS);
    this.#uplink = new Uplink({
      url: this.#hub.url,
      device: id,
      token,
      firmware: '2.3.1',
      onCommand: (command) => {
        const answer = this.#actuators.execute(command);
        this.#send();
        return answer;
      },
      onConfig: (desired) => ({ ...desired }),
      ...options,
    });
    const welcomed = new Promise((resolve) => this.#uplink.once('welcome', resolve));
    this.#uplink.open();
    await welcomed;
    this.#send();
  }

  /** Measures from now on. */
  beat() {
    this.#timer = setInterval(() => this.#send(), this.#part.profile.intervalMs);
  }

  /** Something is refused: a text where the metric is a number. */
  stumble() {
    this.#uplink.send({ temperature: '85.0 °C' });
  }

  async close() {
    clearInterval(this.#timer);
    await this.#uplink.flush(CLOSE_MS);
    await this.#uplink.close();
  }

  #send() {
    const now = Date.now();
    this.#uplink.send(this.#read(now, now), { time: now });
  }

  #read(time, now) {
    const { story = (_, values) => values } = this.#part;
    return story((now - time) / MINUTE_MS, this.#actuators.apply(this.#measure(time)));
  }

  async #remember(token, from) {
    const now = Date.now();
    let rows = [];
    const send = async () => {
      if (rows.length > 0) await this.#hub.api(`/ingest/${this.id}`, { rows }, { token });
      rows = [];
    };
    for (let time = from; time < now; time += this.#part.profile.intervalMs) {
      const values = this.#read(time, now);
      const ago = (now - time) / MINUTE_MS;
      if (ago <= GAP_MINUTES.from && ago > GAP_MINUTES.to) continue;
      rows.push([time, values]);
      if (rows.length === ROWS) await send();
    }
    await send();
  }
}
