/** Name of the cookie that stands for a log-in. */
export const SESSION_COOKIE = 'fieldline_session';

/** The value of our cookie in a `Cookie` header (RFC 6265 §4.2). */
export function sessionCookie(header: string): string | undefined {
  for (const pair of header.split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === SESSION_COOKIE) return value;
  }
  return undefined;
}
