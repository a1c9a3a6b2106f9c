/** Stands where a secret would. */
export const MASK = '••••';

/** Whether a text is a URL that names a host. */
export function hasHost(text: string): boolean {
  return URL.canParse(text) && new URL(text).hostname !== '';
}

/** `mqtt://hub:••••@broker` for `mqtt://hub:secret@broker`; also in a text that is not quite a URL. */
export function maskPassword(text: string): string {
  return text.replace(/^([^:]*:(?:\/\/)?[^:@]*:).*@/s, `$1${MASK}@`);
}
