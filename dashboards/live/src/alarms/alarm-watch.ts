import type { AlarmView, Page } from '@fieldline/protocol/browser';
import { computed, signal } from '@preact/signals';
import type { LiveMessage } from '../live/messages.js';
import { noteRaised, type Severity } from '../live/raised.js';
import type { LiveSocket } from '../live/socket.js';

/** Alarms that are kept on the page; of more the newest. */
const MOST = 2_000;
const PERIOD_MS = 1_000;

/** A page of the alarms in one state, newest first. */
export type AskAlarms = (state: AlarmView['state'], cursor?: string) => Promise<Page<AlarmView>>;

/** The alarms that are raised now, whichever page is open: kept true by the live socket until closed. */
export class AlarmWatch {
  /** Not cleared, and not of the past; newest first. */
  readonly items = signal<readonly AlarmView[]>([]);
  readonly state = signal<'loading' | 'ready' | 'failed'>('loading');
  readonly reason = signal('');
  /** Counts up when any alarm has changed, also one that is over. */
  readonly changes = signal(0);
  /** How many nobody has acknowledged. */
  readonly unseen = computed(() => this.items.value.filter(({ state }) => state === 'raised').length);
  readonly #socket: LiveSocket;
  readonly #ask: AskAlarms;
  readonly #onRaised: (alarm: AlarmView) => void;
  /** Heard while an answer is on its way: newer than the answer. */
  #told: AlarmView[] | null = null;
  /** What is raised at the first answer was raised before the page was opened. */
  #everKnew = false;
  /** There was a break: what is new in the next answer was raised meanwhile. */
  #owesNews = false;
  #stop: () => void = () => {};

  /** @param onRaised told of each alarm that is raised while the page is open, of those in a break after it */
  constructor(socket: LiveSocket, ask: AskAlarms, onRaised: (alarm: AlarmView) => void) {
    this.#socket = socket;
    this.#ask = ask;
    this.#onRaised = onRaised;
  }

  open(): void {
    // First listen, then ask: what is heard while the answer is on its way is newer than the answer.
    const unsubscribe = this.#socket.subscribe(
      { devices: '*', what: ['alarm'], minPeriod: PERIOD_MS },
      (message) => this.#hear(message),
    );
    void this.again();
    const unmiss = this.#socket.missed.subscribe((missed) => missed && void this.again(true));
    const untell = this.items.subscribe((items) => noteRaised(severities(items)));
    this.#stop = () => {
      unsubscribe();
      unmiss();
      untell();
    };
  }

  close(): void {
    this.#stop();
  }

  /**
   * Asks for all that are raised. Of several askings the last one counts.
   * @param afterBreak what is raised and was not known before is told of
   */
  async again(afterBreak = false): Promise<void> {
    if (afterBreak && this.#everKnew) this.#owesNews = true;
    const told: AlarmView[] = [];
    this.#told = told;
    try {
      const lists = await Promise.all([this.#all('raised'), this.#all('acknowledged')]);
      if (this.#told !== told) return;
      const byId = new Map(lists.flat().map((alarm) => [alarm.id, alarm]));
      for (const alarm of told) byId.set(alarm.id, alarm);
      const known = new Set(this.items.peek().map(({ id }) => id));
      this.#show(byId);
      this.state.value = 'ready';
      const news = this.#owesNews ? this.items.peek().filter(({ id }) => !known.has(id)) : [];
      this.#owesNews = false;
      this.#everKnew = true;
      for (const alarm of news.reverse()) if (alarm.state === 'raised') this.#onRaised(alarm);
    } catch (error) {
      if (this.#told !== told) return;
      this.reason.value = error instanceof Error ? error.message : String(error);
      this.state.value = 'failed';
    }
    this.#told = null;
    this.changes.value++;
  }

  /** Takes in what is known of alarms from elsewhere, such as an answer. */
  put(alarms: readonly AlarmView[]): void {
    this.#told?.push(...alarms);
    const byId = new Map(this.items.peek().map((alarm) => [alarm.id, alarm]));
    for (const alarm of alarms) byId.set(alarm.id, alarm);
    this.#show(byId);
    this.changes.value++;
  }

  async #all(state: AlarmView['state']): Promise<AlarmView[]> {
    const found: AlarmView[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#ask(state, cursor);
      found.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined && found.length < MOST);
    return found;
  }

  #show(byId: ReadonlyMap<string, AlarmView>): void {
    const raised = [...byId.values()].filter(({ state, past }) => state !== 'cleared' && !past);
    // Ids sort by when the limit was crossed.
    raised.sort((a, b) => (a.id < b.id ? 1 : -1));
    this.items.value = raised.slice(0, MOST);
  }

  #hear(message: LiveMessage): void {
    if (message.type !== 'alarm') return;
    const alarm = message.alarm as unknown as AlarmView;
    const isNew = !this.items.peek().some(({ id }) => id === alarm.id);
    this.put([alarm]);
    if (isNew && alarm.state === 'raised' && !alarm.past) this.#onRaised(alarm);
  }
}

/** The worst limit that each device is beyond. */
function severities(items: readonly AlarmView[]): ReadonlyMap<string, Severity> {
  const worst = new Map<string, Severity>();
  for (const { device, level } of items) {
    if (level === 'alarm' || (level === 'warn' && !worst.has(device))) worst.set(device, level);
  }
  return worst;
}
