import type { WritePart } from './calls.js';

/** A larger block is not kept for the next write. */
const KEPT_BYTES = 8 * 1024 * 1024;

/** Columns of 64-bit numbers begin on such a boundary. */
const ALIGNMENT = 8;

/**
 * The memory in which parts travel to the worker thread and back. One block serves all writes: fresh buffers
 * would become garbage in two threads, and neither collects them before they have piled up.
 */
export class WriteBlock {
  #block: ArrayBuffer | undefined;

  /** Copies the parts into the block, which is then the caller's to hand over. */
  take(parts: readonly WritePart[]): { block: ArrayBuffer; parts: WritePart[] } {
    const sizeBytes = parts.reduce((sum, { packed }) => sum + aligned(packed.length), 0);
    const own = this.#block;
    this.#block = undefined;
    const block = own !== undefined && own.byteLength >= sizeBytes ? own : new ArrayBuffer(sizeBytes);
    let at = 0;
    const copies = parts.map(({ first, packed }) => {
      const copy = new Uint8Array(block, at, packed.length);
      copy.set(packed);
      at += aligned(packed.length);
      return { first, packed: copy };
    });
    return { block, parts: copies };
  }

  /** Keeps a block that came back. */
  give(block: ArrayBuffer): void {
    if (block.byteLength <= KEPT_BYTES) this.#block = block;
  }
}

function aligned(sizeBytes: number): number {
  return Math.ceil(sizeBytes / ALIGNMENT) * ALIGNMENT;
}
