/** MQTT 5 and MQTT 3.1.1, by the number that CONNECT carries. */
export type ProtocolVersion = 4 | 5;

/** Connections in a row that the broker ends before its CONNACK, after which the other version is tried. */
const SILENT_ENDS = 3;

/**
 * Which version of MQTT to speak: 5, until the broker has refused it. Some brokers say so, others only hang up, as
 * a broker that is just stopping does, too: then both are tried in turn.
 */
export class ProtocolVersions {
  #current: ProtocolVersion = 5;
  #silentEnds = 0;

  get current(): ProtocolVersion {
    return this.#current;
  }

  /** The broker has answered. */
  answered(): void {
    this.#silentEnds = 0;
  }

  /** The broker does not speak the version that it was offered. */
  refused(version: ProtocolVersion): void {
    this.#silentEnds = 0;
    if (version === 5) this.#current = 4;
  }

  /** The broker hung up without an answer. */
  hungUp(): void {
    this.#silentEnds++;
    if (this.#silentEnds % SILENT_ENDS === 0) this.#current = this.#current === 5 ? 4 : 5;
  }
}
