export { type Bridge, type BridgePort, startBridge } from './bridge.js';
export { cobsDecode, cobsEncode } from './cobs/cobs.js';
export { readFrame, writeFrame } from './cobs/frame.js';
export type * from './config/config.js';
export { crc16, crc16Text } from './lines/crc16.js';
