// Weighs the JavaScript that a browser must have before the first view of the built page: the entry and what it
// imports statically, as its index.html lists them, each compressed as it goes over the wire. Ends with 1 above the limit.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** What the first view may weigh. Pages other than the fleet come when they are needed. */
export const MOST_BYTES = 90_000;

/** Bytes of each script that `index.html` in the given directory asks for at once, gzipped, by name. */
export function firstViewParts(directory) {
  const html = readFileSync(`${directory}/index.html`, 'utf8');
  const names = [...html.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map(([, name]) => name);
  if (names.length === 0) throw new Error(`no script in ${directory}/index.html`);
  return names.map((name) => ({ name, bytes: gzipSync(readFileSync(`${directory}/${name}`)).length }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const parts = firstViewParts(
    process.argv[2] ?? fileURLToPath(new URL('../dashboards/live/dist', import.meta.url)),
  );
  for (const { name, bytes } of parts) console.log(`${String(bytes).padStart(7)} ${name}`);
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  console.log(`${String(bytes).padStart(7)} bytes of JavaScript for the first view; ${MOST_BYTES} at most`);
  if (bytes > MOST_BYTES) process.exit(1);
}
