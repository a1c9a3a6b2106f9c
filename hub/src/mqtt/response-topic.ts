/** No broker needs longer ones. */
const MAX_BYTES = 1_024;

/**
 * Whether an answer may be published under a topic that somebody else has named (protocol §4). Under the hub's own
 * prefix it would pass for the hub's word, under `$` for the broker's; with wildcards it is no topic at all.
 */
export function isResponseTopic(topic: string, prefix: string): boolean {
  if (topic === '' || Buffer.byteLength(topic) > MAX_BYTES) return false;
  if (topic.startsWith('$') || /[+#\0]/.test(topic)) return false;
  return topic !== prefix && !topic.startsWith(`${prefix}/`);
}
