import type { ComponentChildren } from 'preact';

/** Keys, and figures that are values. */
const PART = /"(?:[^"\\]|\\.)*"(?=\s*:)|(?<=[:[,]\s*)-?\d[\d.eE+-]*/g;

/** A frame as text, its keys and figures set apart. It need not be JSON. */
export function WireText({ text }: { text: string }) {
  const parts: ComponentChildren[] = [];
  let done = 0;
  for (const match of text.matchAll(PART)) {
    const [part] = match;
    parts.push(
      text.slice(done, match.index),
      <span class={part.startsWith('"') ? 'key' : 'fig'}>{part}</span>,
    );
    done = match.index + part.length;
  }
  parts.push(text.slice(done));
  return <>{parts}</>;
}
