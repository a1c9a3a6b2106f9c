/** Names in C for what a profile names: each once, whatever is left of it when only letters and digits count. */
export class CNames {
  readonly #prefix: string;
  readonly #taken = new Set<string>();

  /** @param prefix stands before every macro: the profile's name */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** `relay.set` of `env-sensor` is `ENV_SENSOR_RELAY_SET`. */
  macro(name: string): string {
    return this.#once(identifier(`${this.#prefix}_${name}`).toUpperCase());
  }

  /** `env-sensor_relay.set` is `env_sensor_relay_set`. */
  word(name: string): string {
    return this.#once(identifier(name).toLowerCase());
  }

  /** `a.b` and `a_b` are one in C: who comes second has a number. */
  #once(name: string): string {
    let free = name;
    for (let count = 2; this.#taken.has(free); count++) free = `${name}_${count}`;
    this.#taken.add(free);
    return free;
  }
}

function identifier(name: string): string {
  const letters = name.replace(/[^A-Za-z0-9]/g, '_');
  // Names that begin with a digit are none, and those with `_` belong to the compiler.
  return /^[A-Za-z]/.test(letters) ? letters : `p${letters}`;
}
