/**
 * Consistent Overhead Byte Stuffing (Cheshire and Baker, IEEE/ACM Transactions on Networking 7(2), 1999): bytes without
 * a zero among them, one in 254 more at most, so that a zero can end each frame and noise ends with the next one.
 */
/** The encoded bytes, without the zero that ends the frame. */
export declare function cobsEncode(bytes: Uint8Array): Buffer;
/** What was encoded, or undefined when it is not that: a zero inside, or a block that goes past the end. */
export declare function cobsDecode(bytes: Uint8Array): Buffer | undefined;
//# sourceMappingURL=cobs.d.ts.map