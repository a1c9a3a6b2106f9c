import type { CommandAnswer, Profile, Value } from '@fieldline/protocol';

/** A command, as far as it matters here. */
interface Order {
  readonly name: string;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * What a simulated device can be told to do: each command of its profile. One that the profile expects to show in a
 * metric does show there from then on (`relay.set on=true` switches `relay`), and so does a parameter that is called
 * like a metric (`pump.start speed=2400`). What was set stays until another command sets it.
 */
export class Actuators {
  readonly #profile: Profile;
  readonly #set = new Map<string, Value>();

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  /** Does what is ordered. A command that the profile does not name is rejected. */
  execute({ name, params = {} }: Order): CommandAnswer {
    const { commands, metrics } = this.#profile;
    const command = commands.get(name);
    if (command === undefined) return { status: 'rejected', code: 'unknown_command' };
    const missing = [...command.params.values()].find(
      (one) => one.required && params[one.name] === undefined,
    );
    if (missing !== undefined) {
      return { status: 'rejected', code: 'bad_params', message: `${missing.name} is needed` };
    }
    const { expect } = command;
    const shown =
      expect === null
        ? undefined
        : 'param' in expect.equals
          ? params[expect.equals.param]
          : expect.equals.value;
    if (expect !== null) this.#put(expect.metric, shown);
    for (const param of command.params.keys()) if (metrics.has(param)) this.#put(param, params[param]);
    return { status: 'ok' };
  }

  /** What a device measures, with what it was told to do. */
  apply(values: Readonly<Record<string, Value>>): Record<string, Value> {
    return this.#set.size === 0 ? { ...values } : { ...values, ...Object.fromEntries(this.#set) };
  }

  #put(metric: string, value: unknown): void {
    if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') {
      this.#set.set(metric, value);
    }
  }
}
