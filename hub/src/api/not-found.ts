import type { FastifyInstance } from 'fastify';
import { FieldlineError } from '../errors.js';
import { notFound } from './problem.js';

/**
 * Answers for addresses without a route: 405 with `Allow` where another method has one, else 404.
 * Register it before the routes: it learns them as they come.
 */
export function answerUnknownRoutes(app: FastifyInstance): void {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = methods.get(url) ?? new Set();
    for (const name of [method].flat()) known.add(name);
    methods.set(url, known);
  });

  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.replace(/\?.*$/, '');
    const allowed = [...methods]
      .filter(([pattern]) => pattern !== '/*' && matches(pattern, path))
      .flatMap(([, names]) => [...names]);
    if (allowed.length === 0 || allowed.includes(request.method)) throw notFound(`${request.method} ${path}`);
    reply.header('allow', allowed.sort().join(', '));
    throw new FieldlineError('method_not_allowed', `${path} has no ${request.method}`, { status: 405 });
  });
}

/** True when the path fits a route's pattern, in which `:name` stands for one segment. */
function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length && wanted.every((part, at) => part.startsWith(':') || part === given[at])
  );
}
