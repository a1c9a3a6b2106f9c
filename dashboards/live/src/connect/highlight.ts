/** A part of a sketch, and what it is. */
export interface Span {
  readonly kind: 'plain' | 'comment' | 'string' | 'keyword' | 'value';
  readonly text: string;
}

const KEYWORDS =
  'async|await|bool|char|const|continue|def|except|export|float|for|from|function|if|import|in|int|long|new|print|return|sizeof|static|struct|try|unsigned|void|while|with';
const TOKENS = new RegExp(
  [
    // A `//` behind a colon is a URL's; `#include` is no comment.
    '(?<comment>(?<!:)\\/\\/[^\\n]*|#(?!include)[^\\n]*|(?<=\\n)# [^\\n]*)',
    '(?<string>"(?:\\\\.|[^"\\\\\\n])*"|\'[^\'\\n]*\')',
    `(?<keyword>\\b(?:${KEYWORDS})\\b|#include|(?<![\\w/-])(?:curl|mosquitto_pub)\\b)`,
  ].join('|'),
  'g',
);

/** Divides a sketch for the eye. `values` are this device's own, and stand out wherever they are. Nothing is lost. */
export function highlight(code: string, values: readonly string[]): readonly Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const match of code.matchAll(TOKENS)) {
    if (match.index > at) spans.push({ kind: 'plain', text: code.slice(at, match.index) });
    const [kind = 'plain'] = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined) ?? [];
    spans.push({ kind: kind as Span['kind'], text: match[0] });
    at = match.index + match[0].length;
  }
  spans.push({ kind: 'plain', text: code.slice(at) });
  return spans.flatMap((span) => marked(span, values));
}

function marked(span: Span, values: readonly string[]): Span[] {
  if (span.kind === 'comment' || span.text === '') return span.text === '' ? [] : [span];
  const wanted = values.filter(Boolean).map((value) => value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (wanted.length === 0) return [span];
  return span.text
    .split(new RegExp(`(${wanted.join('|')})`))
    .map((text, index): Span => ({ kind: index % 2 === 1 ? 'value' : span.kind, text }))
    .filter(({ text }) => text !== '');
}
