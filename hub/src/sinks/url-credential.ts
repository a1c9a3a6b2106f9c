/** A user name or password as it stands in a URL; as it is, where it is not encoded well. */
export function urlCredential(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
