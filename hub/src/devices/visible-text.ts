const TOKEN = /("token"\s*:\s*")[^"]*/g;
/** A key, and the text that it has. */
const TEXT = /("(?:[^"\\]|\\.)*")(\s*:\s*")((?:[^"\\]|\\.)*)/g;

/** The first `maxBytes` of a frame as operators may see it: a `hello` can carry the device's token. */
export function visibleText(frame: Buffer, maxBytes: number): string {
  const text = frame.toString('utf8', 0, maxBytes).replace(TOKEN, '$1…');
  // JSON may write the letters of a key as escapes.
  if (!text.includes('\\u')) return text;
  return text.replace(TEXT, (whole, key: string, between: string) =>
    isToken(key) ? `${key}${between}…` : whole,
  );
}

function isToken(key: string): boolean {
  try {
    return JSON.parse(key) === 'token';
  } catch {
    return false;
  }
}
