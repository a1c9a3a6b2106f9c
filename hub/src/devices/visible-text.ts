/** The first `maxBytes` of a frame as operators may see it: a `hello` can carry the device's token. */
export function visibleText(frame: Buffer, maxBytes: number): string {
  return frame.toString('utf8', 0, maxBytes).replace(/("token"\s*:\s*")[^"]*/g, '$1…');
}
