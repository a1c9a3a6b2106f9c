import { createHash } from 'node:crypto';

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * The id of an alarm: shaped like a ULID of the moment that its limit was crossed, so that ids sort by it, with a hash
 * of what it is an alarm of in place of the random part. The same breach, judged again after a kill, has the same id.
 * @param sinceUs µs since 1970
 */
export function alarmId(device: string, metric: string | null, level: string, sinceUs: number): string {
  const hash = createHash('sha256')
    .update(`${device}\n${metric ?? ''}\n${level}\n${sinceUs}`)
    .digest();
  let time = Math.floor(sinceUs / 1_000);
  let id = '';
  for (let at = 0; at < 10; at++) {
    id = `${DIGITS[time % 32]}${id}`;
    time = Math.floor(time / 32);
  }
  for (let at = 0; at < 16; at++) id += DIGITS[(hash[at] ?? 0) & 31];
  return id;
}
