import type { DeviceErrorCode } from '../codes.js';

/** What can go wrong at the device's end. */
export type UplinkErrorCode =
  /** The buffer of unacked messages is full. */
  | 'buffer_full'
  /** The message is longer than the hub takes. */
  | 'too_large'
  | 'closed'
  /** The token is wrong or revoked: the uplink tries again at the longest delay only. */
  | 'unauthorized'
  /** The device is switched off in the registry; as `unauthorized`. */
  | 'disabled'
  /** Another connection of the same device took over; as `unauthorized`. */
  | 'replaced'
  /** The hub knew more of this boot than the device: a new boot was begun, see {@link Uplink}. */
  | 'boot_reused'
  /** The hub sent something that is not a message of the protocol. */
  | 'bad_message';

/** A refused call, or something that the uplink met and went on from. Codes of the hub appear as they are. */
export class UplinkError extends Error {
  override readonly name = 'UplinkError';
  readonly code: UplinkErrorCode | DeviceErrorCode;
  /** The message concerned, where there is one. */
  readonly seq: number | undefined;

  constructor(
    code: UplinkErrorCode | DeviceErrorCode,
    message: string,
    options: ErrorOptions & { seq?: number } = {},
  ) {
    super(message, options);
    this.code = code;
    this.seq = options.seq;
  }
}
