/**
 * The text of an answer. It is read whole, so that the connection can be used again; of one that is longer than
 * `maxBytes`, or has no end, only the beginning.
 */
export async function beginningOf(response: Response, maxBytes: number): Promise<string> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= maxBytes) break; // leaving the loop cancels the stream
  }
  return Buffer.concat(chunks).toString('utf8', 0, maxBytes);
}
