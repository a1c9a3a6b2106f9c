import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { notFound } from './problem.js';

/** Where the built page lies: `live/dist` of the dashboards package. Null when that package is not installed. */
export function findPage(): string | null {
  try {
    const manifest = createRequire(import.meta.url).resolve('@fieldline/dashboards/package.json');
    return join(dirname(manifest), 'live', 'dist');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

/**
 * Serves the page. Names below `assets/` carry a hash of what is in them and are cached for ever; all else is
 * asked for again each time. The page routes by the URL's hash, so there are no other addresses.
 */
export async function pageRoutes(
  app: FastifyInstance,
  { directory }: { directory: string | null },
): Promise<void> {
  if (directory === null || !existsSync(join(directory, 'index.html'))) {
    app.get('/', { config: { access: 'public' }, schema: { hide: true } }, async (_request, reply) =>
      reply
        .code(503)
        .type('text/plain; charset=utf-8')
        .send('The page is not built yet: run "npm run build".\n'),
    );
    return;
  }
  const assets = join(directory, 'assets') + sep;
  await app.register(fastifyStatic, {
    root: directory,
    serve: false,
    cacheControl: false,
    dotfiles: 'ignore',
    // Called for what is there only: that something is missing must not be cached for ever.
    setHeaders: (reply, path) => {
      const caching = path.startsWith(assets) ? 'public, max-age=31536000, immutable' : 'no-cache';
      reply.header('cache-control', caching);
    },
  });

  const options = { config: { access: 'public' }, schema: { hide: true } } as const;
  app.get('/', options, (_request, reply) => reply.sendFile('index.html'));
  app.get<{ Params: { '*': string } }>('/*', options, (request, reply) => {
    const file = request.params['*'];
    // Nothing below these is a file of the page; a misspelt API address need not be looked for on the disk.
    if (/^(api|ws)\//.test(file)) throw notFound(`GET /${file}`);
    return reply.sendFile(file);
  });
}
