import { type Document, isMap, isNode, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml';
import type { Fault } from './fault.js';

/** A place in a file, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * Where a fault stands in the file: its key or its value. What is not there (a missing key, a fault found
 * behind an alias) is shown at the nearest thing around it that is.
 */
export function locate(document: Document, lines: LineCounter, fault: Fault): Position {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  fault.path.forEach((step, depth) => {
    const last = depth === fault.path.length - 1;
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find((item) => keyOf(item) === String(step));
      node = pair?.value;
      const valueStart = last && fault.at === 'key' ? undefined : startOf(node);
      offset = valueStart ?? startOf(pair?.key) ?? offset;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = startOf(node) ?? offset;
    } else {
      node = undefined;
    }
  });
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value ?? '') : String(pair.key);
}

/** A block map starts where its first key does: the key before it tells more about where one is. */
function startOf(node: unknown): number | undefined {
  if (!isNode(node)) return undefined;
  const isBlock = (isMap(node) || isSeq(node)) && !(node as Node & { flow?: boolean }).flow;
  return isBlock ? undefined : node.range?.[0];
}
