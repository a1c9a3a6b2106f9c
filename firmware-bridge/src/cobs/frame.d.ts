/** Ends a frame; before the first one it ends whatever noise was there. */
export declare const FRAME_END = 0;
export type FrameFault = {
    readonly kind: 'bad_crc' | 'malformed';
    readonly reason: string;
};
/** A message as it goes over the line: COBS around CBOR and its check, and the zero that ends it. */
export declare function writeFrame(message: object): Buffer;
/** How many bytes of CBOR a message takes: what a board's `rxMax` limits. */
export declare function payloadBytes(message: object): number;
/** Reads a frame without its end. Undefined: there was nothing in it. */
export declare function readFrame(bytes: Uint8Array): {
    readonly message: Record<string, unknown>;
} | FrameFault | undefined;
//# sourceMappingURL=frame.d.ts.map