import { type BatchView, type Entry, type Reading, type Shape, viewBatch } from '@fieldline/journal';
import type { Device } from '../../devices/device.js';
import type { Rejection } from '../sink.js';
import { DeviceLines } from './device-lines.js';
import type { Fields } from './fields.js';
import { LineBlock } from './line-block.js';

export interface LineEncoderOptions {
  readonly devices: { get(id: string): Device | undefined };
  readonly fields: Fields;
  /** Tags of the registry that are written beside the device id. */
  readonly tags: readonly string[];
  readonly retentionPolicyOf: (measurement: string) => string | undefined;
}

/** When a request is full. */
export interface BlockLimits {
  readonly lines: number;
  readonly chars: number;
}

/** Devices that are remembered; more than that are asked for afresh now and then. */
const MAX_DEVICES = 50_000;
const SECOND_US = 1_000_000;

/**
 * Turns entries into lines, block by block. It reads the packed columns: unpacking the readings first costs as
 * much again.
 */
export class LineEncoder {
  readonly #options: LineEncoderOptions;
  readonly #devices = new Map<string, DeviceLines>();
  /** The beginning of timestamps within one second, of which there are many. */
  #second = Number.NaN;
  #secondText = '';

  constructor(options: LineEncoderOptions) {
    this.#options = options;
  }

  /**
   * Blocks of lines with one retention policy each, made as they are asked for. New fields are in the registry when a
   * block is given out, and not yet durable.
   * @param limits asked before each line, because the server may teach us smaller ones
   * @param refused gets the values that InfluxDB cannot hold
   */
  *blocks(entries: readonly Entry[], limits: () => BlockLimits, refused: Rejection[]): Generator<LineBlock> {
    const open = new Map<string | undefined, LineBlock>();
    const policies = new Map<string, string | undefined>();
    for (const entry of entries) {
      const view = viewBatch(entry.packed);
      const { shapes, shape, source, time } = view;
      const keys = shapes.map(({ metrics, types }) => JSON.stringify([metrics, types]));
      const devices: DeviceLines[] = [];
      let readings: readonly Reading[] | undefined;
      let next = 0;
      for (let row = 0; row < view.count; row++) {
        const from = source[row] as number;
        let device = devices[from];
        if (device === undefined) {
          device = this.#device(view, from);
          devices[from] = device;
        }
        const ofShape = shapes[shape[row] as number] as Shape;
        const at = next;
        next += ofShape.metrics.length;
        const timeUs = time[row] as number;
        let text =
          ofShape.metrics.length === 0
            ? undefined
            : device.packed(
                ofShape,
                keys[shape[row] as number] as string,
                view.values,
                at,
                view.strings,
                this.#digits(timeUs),
              );
        if (text === undefined) {
          readings ??= entry.readings();
          text = withoutInfinities(device, readings[row] as Reading, refused);
          if (text === undefined) continue;
        }
        if (!policies.has(device.measurement)) {
          policies.set(device.measurement, this.#options.retentionPolicyOf(device.measurement));
        }
        const policy = policies.get(device.measurement);
        let block = open.get(policy);
        if (block === undefined) {
          block = new LineBlock(policy);
          open.set(policy, block);
        }
        block.add(text, timeUs, device, entry, row);
        const { lines, chars } = limits();
        if (block.count >= lines || block.text.length >= chars) {
          open.delete(policy);
          yield block;
        }
      }
    }
    yield* open.values();
  }

  #device(view: BatchView, source: number): DeviceLines {
    const id = view.devices[source] as string;
    const { devices, fields, tags } = this.#options;
    const device = devices.get(id);
    const known = this.#devices.get(id);
    if (known?.isFor(device)) return known;
    if (this.#devices.size >= MAX_DEVICES) this.#devices.clear();
    const lines = new DeviceLines(id, device, fields, tags);
    this.#devices.set(id, lines);
    return lines;
  }

  #digits(timeUs: number): string {
    const second = Math.floor(timeUs / SECOND_US);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = `${second}`;
    }
    // JavaScript takes its time to write a number of 16 digits, and little for a small one.
    return this.#secondText + `${timeUs - second * SECOND_US + SECOND_US}`.slice(1);
  }
}

/** The line of a reading that holds what no log should: the values that can be written, without the others. */
function withoutInfinities(device: DeviceLines, reading: Reading, refused: Rejection[]): string | undefined {
  const texts = device.texts(reading);
  const written = new Set(texts.map(({ metric }) => metric));
  for (const metric of Object.keys(reading.values)) {
    if (written.has(metric)) continue;
    const message = `${reading.values[metric]} cannot be stored in InfluxDB`;
    refused.push({ reading, metric, code: 'sink_rejected', message });
  }
  return device.line(texts, reading.time);
}
