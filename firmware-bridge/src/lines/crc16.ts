const POLYNOMIAL = 0x1021;

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
  return crc & 0xffff;
});

/**
 * CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, nothing reflected. `123456789` gives 0x29B1
 * (the check value of the RevEng catalogue, "CRC-16/IBM-3740").
 */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ (TABLE[(crc >> 8) ^ byte] as number);
  return crc;
}

/** As it stands behind a line's `*`: four hexadecimal digits. */
export function crc16Text(bytes: Uint8Array): string {
  return crc16(bytes).toString(16).toUpperCase().padStart(4, '0');
}
