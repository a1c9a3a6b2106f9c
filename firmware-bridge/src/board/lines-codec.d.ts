import type { Command } from '@fieldline/protocol';
import type { BoardCodec, BoardInput } from './board-codec.js';
/** Lines of text (protocol §5). */
export declare class LinesCodec implements BoardCodec {
    #private;
    readonly knowsAgain = false;
    read(frame: Buffer): BoardInput;
    question(): Buffer;
    command({ id, name, params }: Command, maxBytes: number): Buffer;
    message(message: object, maxBytes: number): Buffer;
}
//# sourceMappingURL=lines-codec.d.ts.map