import type { Command } from '@fieldline/protocol';
import type { BoardCodec, BoardInput } from './board-codec.js';
/** COBS frames of CBOR (docs/firmware-bridge.md). */
export declare class CobsCodec implements BoardCodec {
    readonly knowsAgain = true;
    read(frame: Buffer): BoardInput;
    question(): Buffer;
    command(command: Command, maxBytes: number): Buffer;
    message(message: object, maxBytes: number): Buffer;
}
//# sourceMappingURL=cobs-codec.d.ts.map