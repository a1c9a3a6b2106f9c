import { type Entry, type Reading, type Shape, viewBatch } from '@fieldline/journal';
import type { Device } from '../../devices/device.js';
import type { Rejection } from '../sink.js';
import { DeviceLines } from './device-lines.js';
import type { Fields } from './fields.js';
import { type BlockLimits, LineBlock } from './line-block.js';

export interface LineEncoderOptions {
  readonly devices: { get(id: string): Device | undefined };
  readonly fields: Fields;
  /** Tags of the registry that are written beside the device id. */
  readonly tags: readonly string[];
  readonly retentionPolicyOf: (measurement: string) => string | undefined;
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
  /** The last offset that was made into lines. */
  #encodedTo = 0;
  /** The beginning of timestamps within one second, of which there are many. */
  #second = Number.NaN;
  #secondText = '';

  constructor(options: LineEncoderOptions) {
    this.#options = options;
  }

  /**
   * Blocks of lines with one retention policy each, made as they are asked for. New fields are in the registry when a
   * block is given out, and not yet durable.
   *
   * What was made into lines before is made into the same ones: they may be in InfluxDB although nobody confirmed it,
   * and would be other points if the device has another profile or other tags by now.
   * @param limits asked for each block, because the server may teach us smaller ones
   * @param refused gets the values that InfluxDB cannot hold
   */
  *blocks(entries: readonly Entry[], limits: () => BlockLimits, refused: Rejection[]): Generator<LineBlock> {
    const open = new OpenBlocks(this.#options.retentionPolicyOf, limits);
    for (const entry of entries) {
      const view = viewBatch(entry.packed);
      const { shapes, shape, source, time, values, strings } = view;
      const keys = shapes.map(({ metrics, types }) => JSON.stringify([metrics, types]));
      const isAgain = entry.first <= this.#encodedTo;
      const devices = view.devices.map((id) => this.#device(id, isAgain));
      this.#encodedTo = Math.max(this.#encodedTo, entry.last);
      let readings: readonly Reading[] | undefined;
      let next = 0;
      for (let row = 0; row < view.count; row++) {
        const device = devices[source[row] as number] as DeviceLines;
        const { metrics, types } = shapes[shape[row] as number] as Shape;
        const at = next;
        next += metrics.length;
        if (metrics.length === 0) continue;
        const timeUs = time[row] as number;
        const plan = device.plan(metrics, types, keys[shape[row] as number] as string, values, at, strings);
        let line = device.packed(plan, values, at, strings, this.#digits(timeUs));
        if (line === undefined) {
          readings ??= entry.readings();
          line = withoutInfinities(device, readings[row] as Reading, refused);
          if (line === undefined) continue;
        }
        const block = open.of(device.measurement);
        block.add(line, timeUs, device, entry, row);
        if (block.isFull) yield open.take(block);
      }
    }
    yield* open.all();
  }

  /** @param isAgain as its lines were before */
  #device(id: string, isAgain: boolean): DeviceLines {
    const { devices, fields, tags } = this.#options;
    const device = devices.get(id);
    const known = this.#devices.get(id);
    if (known !== undefined && (isAgain || known.isFor(device))) return known;
    if (this.#devices.size >= MAX_DEVICES) this.#devices.clear();
    const lines = new DeviceLines(id, device, fields, tags);
    this.#devices.set(id, lines);
    return lines;
  }

  #digits(timeUs: number): string {
    if (timeUs < SECOND_US) return `${timeUs}`;
    const second = Math.floor(timeUs / SECOND_US);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = `${second}`;
    }
    // JavaScript takes its time to write a number of 16 digits, and little for a small one.
    return this.#secondText + `${timeUs - second * SECOND_US + SECOND_US}`.slice(1);
  }
}

/** Blocks that are being filled, one for each retention policy. */
class OpenBlocks {
  readonly #retentionPolicyOf: (measurement: string) => string | undefined;
  readonly #limits: () => BlockLimits;
  readonly #byPolicy = new Map<string | undefined, LineBlock>();
  /** What was asked for last. */
  #last: { readonly measurement: string; readonly block: LineBlock } | undefined;

  constructor(retentionPolicyOf: (measurement: string) => string | undefined, limits: () => BlockLimits) {
    this.#retentionPolicyOf = retentionPolicyOf;
    this.#limits = limits;
  }

  of(measurement: string): LineBlock {
    if (this.#last?.measurement === measurement) return this.#last.block;
    const policy = this.#retentionPolicyOf(measurement);
    let block = this.#byPolicy.get(policy);
    if (block === undefined) {
      block = new LineBlock(policy, this.#limits());
      this.#byPolicy.set(policy, block);
    }
    this.#last = { measurement, block };
    return block;
  }

  take(block: LineBlock): LineBlock {
    this.#byPolicy.delete(block.retentionPolicy);
    this.#last = undefined;
    return block;
  }

  all(): Iterable<LineBlock> {
    return this.#byPolicy.values();
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
