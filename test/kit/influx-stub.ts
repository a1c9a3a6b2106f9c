import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface InfluxStubOptions {
  /** As what it answers. */
  readonly version: 2 | 3 | 'victoriametrics';
  /** A real InfluxDB 1.x that keeps what it is given; needed for 2 and 3. */
  readonly behind?: string;
  readonly token?: string;
  /** The only bucket (2) or database (3) that there is. */
  readonly database?: string;
  /** Larger bodies are refused with 413. */
  readonly maxBytes?: number;
}

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'invalid',
  401: 'unauthorized',
  404: 'not found',
  413: 'request too large',
  422: 'unprocessable entity',
};

/**
 * Answers on `/ping`, `/write` and `/query` as the documents of InfluxDB 2.7 (v1 compatibility API), InfluxDB 3 Core
 * (v1-compatible end points) and VictoriaMetrics (InfluxDB-compatible APIs) say. What versions 2 and 3 store and answer comes
 * from the InfluxDB 1.x behind it.
 */
export class InfluxStub {
  readonly #options: InfluxStubOptions;
  readonly #server: Server;
  /** Headers of every request that came, with its path. */
  readonly requests: { readonly path: string; readonly authorization: string | undefined }[] = [];
  readonly lines: string[] = [];

  constructor(options: InfluxStubOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error) => {
        response.writeHead(500).end(String(error));
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  async dispose(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const { authorization } = request.headers;
    this.requests.push({ path: url.pathname, authorization });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (this.#options.version === 'victoriametrics') return this.#asVictoriaMetrics(url, body, response);
    const isPing = url.pathname === '/ping';
    if (isPing && this.#options.version === 2) {
      response.writeHead(204, { 'X-Influxdb-Build': 'OSS', 'X-Influxdb-Version': 'v2.7.12' }).end();
      return;
    }
    if (!this.#isAllowed(authorization)) return this.#refuse(response, 401, 'unauthorized access');
    if (isPing) return this.#json(response, 200, { version: '3.2.1', revision: 'bb0d1c3', process_id: 'x' });
    if (url.pathname === '/write') return this.#write(url, body, response);
    if (url.pathname === '/query') return this.#query(new URLSearchParams(body.toString()), response);
    this.#refuse(response, 404, 'path not found');
  }

  #isAllowed(authorization: string | undefined): boolean {
    const { token } = this.#options;
    if (token === undefined || authorization === `Token ${token}`) return true;
    if (this.#options.version === 3 && authorization === `Bearer ${token}`) return true;
    const [scheme, rest = ''] = authorization?.split(' ') ?? [];
    return scheme === 'Basic' && Buffer.from(rest, 'base64').toString().endsWith(`:${token}`);
  }

  async #write(url: URL, body: Buffer, response: ServerResponse): Promise<void> {
    const { version, maxBytes = Number.POSITIVE_INFINITY, database, behind } = this.#options;
    const name = url.searchParams.get('db') ?? '';
    const precision = url.searchParams.get('precision') ?? 'ns';
    if (version === 3 && !['n', 'ns', 'u', 'us', 'ms', 's'].includes(precision)) {
      return this.#refuse(response, 400, `serde error: unknown variant \`${precision}\``);
    }
    if (version === 2 && database !== undefined && name !== database) {
      return this.#refuse(response, 404, `bucket "${name}" not found`);
    }
    if (body.length > maxBytes) {
      return this.#refuse(response, 413, 'cannot read data: points batch is too large');
    }
    const answer = await fetch(`${behind}/write?${new URLSearchParams({ db: name, precision })}`, {
      method: 'POST',
      body: new Uint8Array(body),
    });
    this.lines.push(...body.toString().split('\n'));
    if (answer.status === 204) {
      response.writeHead(204).end();
      return;
    }
    const { error = '' } = (await answer.json()) as { error?: string };
    const isPartial = error.includes('partial write');
    if (version === 2) {
      const message = isPartial ? `failure writing points to database: ${error}` : error;
      return this.#refuse(response, isPartial ? 422 : 400, message);
    }
    const first = body.toString().split('\n')[0];
    const data = [{ original_line: first, line_number: 1, error_message: error }];
    const told = isPartial
      ? 'partial write of line protocol occurred'
      : 'parsing failed for write_lp endpoint';
    this.#json(response, 400, { error: told, data });
  }

  async #query(form: URLSearchParams, response: ServerResponse): Promise<void> {
    const { version, behind } = this.#options;
    const text = form.get('q') ?? '';
    if (version === 3) {
      if (text.includes(';')) return this.#refuse(response, 400, 'must provide a single statement');
      const isRead = /^(SELECT|SHOW (MEASUREMENTS|TAG|FIELD|DATABASES|RETENTION))/i.test(text);
      if (!isRead) return this.#refuse(response, 400, 'this InfluxQL statement is not supported');
      if (/SHOW MEASUREMENTS.*WHERE/i.test(text)) {
        return this.#refuse(response, 400, 'WHERE clause in SHOW MEASUREMENTS is not supported');
      }
      form.delete('params');
    } else if (/^(CREATE|ALTER|GRANT)/i.test(text)) {
      const error = `not implemented: ${text.split(' ').slice(0, 2).join(' ')}`;
      return this.#json(response, 200, { results: [{ statement_id: 0, error }] });
    }
    const answer = await fetch(`${behind}/query`, { method: 'POST', body: form });
    response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(await answer.text());
  }

  #asVictoriaMetrics(url: URL, body: Buffer, response: ServerResponse): void {
    if (url.pathname === '/ping') response.writeHead(204).end();
    else if (url.pathname === '/write') {
      this.lines.push(...body.toString().split('\n'));
      response.writeHead(204).end();
    } else if (url.pathname === '/query') {
      response.setHeader('X-Influxdb-Version', '1.8.0');
      const series = [{ name: 'databases', columns: ['name'], values: [['_internal']] }];
      this.#json(response, 200, { results: [{ statement_id: 0, series }] });
    } else this.#refuse(response, 400, `unsupported path requested: "${url.pathname}"`);
  }

  #refuse(response: ServerResponse, status: number, message: string): void {
    const body = this.#options.version === 2 ? { code: PROBLEMS[status], message } : { error: message };
    this.#json(response, status, body);
  }

  #json(response: ServerResponse, status: number, body: unknown): void {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  }
}
