import type { Problem } from './problem.js';

/**
 * What a refusal says, as far as it says it: a proxy on the way may have answered with anything. Without
 * a `detail` the `title` has to do.
 */
export function readProblem(body: unknown): Partial<Pick<Problem, 'code' | 'detail'>> {
  if (typeof body !== 'object' || body === null) return {};
  const { code, detail, title } = body as Readonly<Record<string, unknown>>;
  const words = isSaid(detail) ? detail : title;
  return { ...(isSaid(code) && { code }), ...(isSaid(words) && { detail: words }) };
}

function isSaid(text: unknown): text is string {
  return typeof text === 'string' && text !== '';
}
