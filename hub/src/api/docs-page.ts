import type { FastifyInstance } from 'fastify';
import { DOCS_STYLE } from './docs-style.js';

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly 'x-role'?: string;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: object;
}

type Content = Readonly<Record<string, { readonly schema: object; readonly example?: unknown }>>;

interface Description {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** `GET /api/docs`: the OpenAPI document as a page. It needs no script, so no security policy is bent for it. */
export async function docsPage(app: FastifyInstance): Promise<void> {
  const options = { config: { access: 'public' }, schema: { hide: true } } as const;
  let page: string | undefined;
  app.get('/api/docs', options, async (_request, reply) => {
    page ??= render(JSON.parse(JSON.stringify(app.swagger())) as Description);
    return reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(page);
  });
  app.get('/api/docs/style.css', options, async (_request, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', 'no-cache').send(DOCS_STYLE),
  );
}

function render({ info, tags, paths, components }: Description): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const sections = tags.map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags?.[0] === name);
    return `<h2 id="${text(name)}">${text(description)}</h2>${own.map(renderOperation).join('')}`;
  });
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `<h3 id="schema-${text(name)}">${text(name)}</h3>${json(schema)}`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>${text(info.title)} API</title>
<link rel="icon" href="/mark.svg"><link rel="stylesheet" href="/api/docs/style.css"></head><body><main>
<h1>${text(info.title)} API <small>${text(info.version)}</small></h1>
<p>${prose(info.description)}</p><p>For programs: <a href="/api/v1/openapi.json">openapi.json</a>,
and for the sockets and MQTT topics <a href="/api/v1/asyncapi.json">asyncapi.json</a> (AsyncAPI 3)</p>
${sections.join('')}<h2>Shapes</h2>${schemas.join('')}</main></body></html>`;
}

function renderOperation({
  path,
  method,
  operation,
}: {
  path: string;
  method: string;
  operation: Operation;
}): string {
  const { summary, description, parameters = [], requestBody, responses } = operation;
  const rows = parameters.map(
    ({ name, in: where, required, description: what, schema }) =>
      `<tr><td><code>${text(name)}</code></td><td>${where}${required ? ', required' : ''}</td>
<td>${prose(what)} <code>${text(JSON.stringify(schema))}</code></td></tr>`,
  );
  const answers = Object.entries(responses).map(
    ([status, answer]) =>
      `<tr><td><code>${status}</code></td><td>${prose(answer.description)}</td><td>${shapes(answer.content)}</td></tr>`,
  );
  return `<details><summary><code class="${method}">${method.toUpperCase()}</code> <code>${text(path)}</code>
${text(summary ?? '')} <small>${text(whoMay(operation))}</small></summary><p>${prose(description)}</p>
${rows.length > 0 ? `<table><caption>Parameters</caption>${rows.join('')}</table>` : ''}
${requestBody ? `<p>Body: ${shapes(requestBody.content)}</p>` : ''}
<table><caption>Answers</caption>${answers.join('')}</table></details>`;
}

function whoMay(operation: Operation): string {
  if (operation['x-role'] !== undefined) return operation['x-role'];
  return operation.security?.some((scheme) => 'deviceToken' in scheme) ? 'a device' : 'anybody';
}

/** The types of a body, with their shapes. */
function shapes(content: Content = {}): string {
  return Object.entries(content)
    .map(
      ([type, { schema, example }]) =>
        `${text(type)} ${shape(schema)}${example === undefined ? '' : json(example)}`,
    )
    .join('');
}

function shape(schema: object): string {
  const name = '$ref' in schema ? String(schema.$ref).split('/').at(-1) : undefined;
  return name === undefined ? json(schema) : `<a href="#schema-${text(name)}">${text(name)}</a>`;
}

/** JSON in which references lead to what they name. */
function json(value: unknown): string {
  const linked = text(JSON.stringify(value, null, 2)).replace(
    /&quot;#\/components\/schemas\/(\w+)&quot;/g,
    '<a href="#schema-$1">$1</a>',
  );
  return `<pre>${linked}</pre>`;
}

/** Text with `code` and paragraphs, as descriptions are written. */
function prose(value = ''): string {
  return text(value)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\n\n/g, '</p><p>');
}

function text(value: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return value.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
