import type { Hello } from '@fieldline/protocol';
import type { Device } from './device.js';
import type { SessionContext } from './session-context.js';

/** What a `hello` came to: the boot that speaks, or why it may not. */
export type Introduction =
  | {
      readonly boot: string | null;
      /** Everything up to here is on disk; null for a boot that was never seen. */
      readonly acked: number | null;
    }
  | { readonly boot: string; readonly refusal: string };

/**
 * Takes what a device says of itself when it connects, whichever wire brought it (protocol §1.2).
 * @param mayBeOld the wire may bring a `hello` again after messages that followed it: `seq` proves nothing then
 */
export function takeHello(
  {
    ingest,
    offerProfile,
    presence,
    touch,
  }: Pick<SessionContext, 'ingest' | 'offerProfile' | 'presence' | 'touch'>,
  device: Device,
  hello: Hello,
  nowMs: number,
  mayBeOld = false,
): Introduction {
  const boot = hello.boot ?? null;
  const known = boot === null ? undefined : ingest.findBoot(device, boot);
  if (boot !== null && known && !mayBeOld && hello.seq !== undefined && hello.seq < known.high) {
    const refusal = `boot ${boot} has messages up to ${known.high} already: choose a new name at every start`;
    return { boot, refusal };
  }
  presence.introduced(device, hello, known !== undefined);
  device.boot = boot ?? device.boot;
  device.firmware = hello.firmware ?? device.firmware;
  if (boot !== null && hello.uptime !== undefined) {
    ingest.boot(device, boot).clock.observe(hello.uptime, nowMs);
  }
  if (hello.profile !== undefined) offerProfile(device, hello.profile);
  touch(device);
  return { boot, acked: known?.acked ?? null };
}
