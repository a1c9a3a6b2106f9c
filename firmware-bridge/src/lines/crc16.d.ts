/**
 * CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, nothing reflected. `123456789` gives 0x29B1
 * (the check value of the RevEng catalogue, "CRC-16/IBM-3740").
 */
export declare function crc16(bytes: Uint8Array): number;
/** As it stands behind a line's `*`: four hexadecimal digits. */
export declare function crc16Text(bytes: Uint8Array): string;
//# sourceMappingURL=crc16.d.ts.map