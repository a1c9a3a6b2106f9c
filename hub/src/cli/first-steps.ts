import {
  type ConnectionView,
  exampleValues,
  isLoopbackUrl,
  mqttAddressOf,
  type ProfileDocument,
  type SketchInput,
  sketchOf,
} from '@fieldline/protocol';
import type { Terminal } from './terminal.js';

/** What is known of a new device and its hub. */
export interface FirstSteps {
  /** Base address of the hub as this command line reaches it. */
  readonly hubUrl: string;
  readonly device: string;
  readonly token: string;
  /** Null for a device without one, and where the hub did not tell. */
  readonly profile: ProfileDocument | null;
  /** Null where the hub did not tell. */
  readonly connection: ConnectionView | null;
}

const INTERVAL_MS = 10_000;

/** Shows how a new device sends its first reading: from here, and from a board. */
export function printFirstSteps(
  terminal: Terminal,
  { hubUrl, device, token, profile, connection }: FirstSteps,
): void {
  const input: SketchInput = {
    ...{ hubUrl, device, token },
    values: exampleValues(profile),
    intervalMs: INTERVAL_MS,
    mqtt: mqttAddressOf(hubUrl, connection?.mqtt ?? null),
  };
  // What this machine calls itself is of no use to a board.
  const boardUrl = isLoopbackUrl(hubUrl) ? (connection?.urls[0] ?? hubUrl) : hubUrl;
  terminal.print('Send a first reading:');
  terminal.print();
  terminal.print(sketchOf('curl', input));
  if (input.mqtt !== null) {
    terminal.print();
    terminal.print(sketchOf('mosquitto_pub', input));
  }
  terminal.print();
  terminal.print('Or put this on an ESP32:');
  terminal.print();
  terminal.print(sketchOf('arduino-esp32', { ...input, hubUrl: boardUrl }));
  terminal.print();
  const { dim } = terminal.colors;
  if (isLoopbackUrl(boardUrl)) {
    const hint =
      'A board needs the address of this machine in its network, and a hub with FIELDLINE_HOST=0.0.0.0.';
    terminal.print(dim(hint));
  }
  terminal.print(
    dim(`Other boards and languages, and what the hub sees: ${hubUrl}/#/connect?device=${device}`),
  );
}
