import type { QuarantineItem } from '@fieldline/protocol/browser';
import { MINUS } from '../format/number.js';
import { quarantine as words } from '../strings.js';
import { type JsonFault, jsonFault } from './json-fault.js';

/** What was refused for the same reason, one after the other, told once. */
export interface QuarantineRow {
  /** The newest of them. */
  readonly item: QuarantineItem;
  readonly count: number;
  /** A whole message that was refused, as it came; null for a single value. */
  readonly frame: string | null;
  /** Where the frame stops being JSON. */
  readonly fault: JsonFault | null;
  readonly advice: string;
}

/** Gathers neighbours that are alike: the same metric, code and reason. Newest first, as they came. */
export function quarantineRows(items: readonly QuarantineItem[]): QuarantineRow[] {
  const rows: QuarantineRow[] = [];
  for (const item of items) {
    const last = rows.at(-1);
    if (last && isAlike(last.item, item)) rows[rows.length - 1] = { ...last, count: last.count + 1 };
    else rows.push(rowOf(item));
  }
  return rows;
}

function isAlike(a: QuarantineItem, b: QuarantineItem): boolean {
  if (a.metric !== b.metric || a.code !== b.code || a.message !== b.message) return false;
  // Whole messages differ in what they say: one stands for others only where it is the same.
  return a.metric !== null || a.value === b.value;
}

function rowOf(item: QuarantineItem): QuarantineRow {
  const { metric, value } = item;
  const frame = metric === null && typeof value === 'string' ? value : null;
  const fault = frame === null ? null : jsonFault(frame);
  return { item, count: 1, frame, fault, advice: adviceOf(item, fault) };
}

/** Why it was refused, as a sentence: the hub's reasons are phrases, and an engine's words for broken JSON say little. */
export function reasonOf({ item, frame, fault }: QuarantineRow): string {
  if (frame !== null && fault !== null) {
    return words.notJson(fault.at + 1, frame.slice(fault.at, fault.at + fault.length));
  }
  const text = item.message.replaceAll(/(?<=^|\s)-(?=\d)/g, MINUS);
  const head = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(head) ? head : `${head}.`;
}

/** Nothing that a DS18B20 can measure; what it says instead. */
const LOOSE_WIRE = -127;

function adviceOf({ code, value, message }: QuarantineItem, fault: JsonFault | null): string {
  const { advice } = words;
  if (fault !== null) return advice.notJson;
  if (code === 'out_of_range' && value === LOOSE_WIRE) return advice.ds18b20;
  const figure = typeof value === 'string' ? /^\s*(-?\d+(?:\.\d+)?)\s*\D{0,5}$/.exec(value)?.[1] : undefined;
  if (code === 'type_conflict' && figure !== undefined && message.startsWith('number'))
    return advice.sendFigure(figure);
  return code in advice ? String(advice[code as keyof typeof advice]) : '';
}
