import { createHash } from 'node:crypto';
import { ProtocolError, parseJson, type Topics } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { Commands } from '../commands/commands.js';
import type { Idempotency } from '../commands/ledger.js';
import type { GivenParams } from '../commands/params.js';
import type { Configs } from '../devices/configs.js';
import { viewConfig } from '../devices/view.js';
import { FieldlineError } from '../errors.js';
import { SparseLog } from '../ops/sparse-log.js';
import type { RequestTopic } from './request-topic.js';
import { isResponseTopic } from './response-topic.js';
import type { Responses } from './responses.js';
import type { IncomingRequest, RequestIdentity, TakeRequest } from './transport.js';

/** Commands and configurations that came in over MQTT. */
export interface RequestCounters {
  taken: number;
  /** Refused as the HTTP API would, with an error. */
  refused: number;
  /** Retained messages, of unknown age. */
  retained: number;
  /** With a response topic that is none. */
  badResponseTopics: number;
}

export interface RequestsOptions {
  readonly topics: Pick<Topics, 'prefix'>;
  readonly commands: Pick<Commands, 'give'>;
  readonly configs: Pick<Configs, 'set'>;
  readonly responses: Responses;
  readonly counters: RequestCounters;
  /** Largest payload. */
  readonly maxBytes: number;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  readonly now: () => number;
}

/** As many as the HTTP API takes. */
const MAX_KEYS = 64;
const MAX_DEPTH = 32;
/** Longest time that a command may wait to be sent: a week, as in the HTTP API. */
const MAX_TTL_MS = 604_800_000;

/**
 * `…/command/<name>` and `…/config/set` (protocol §4): the payload is a JSON object, the parameters or the desired
 * configuration; without a payload it is empty. What comes of it is told under the response topic, where there is one:
 * the command in its end state, the configuration, or `{"error":{"code","message"}}`.
 */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #log: SparseLog;

  constructor(options: RequestsOptions) {
    this.#options = options;
    this.#log = new SparseLog(options.log, options.now);
  }

  /** See {@link TakeRequest}. */
  readonly take: TakeRequest = (request) => {
    const { counters, responses, topics } = this.#options;
    const { topic, response } = request;
    if (response !== null && !isResponseTopic(response.topic, topics.prefix)) {
      counters.badResponseTopics++;
      this.#log.warn(
        { device: topic.device, responseTopic: response.topic.slice(0, 200) },
        'MQTT: a request with a response topic that is not allowed was refused',
      );
      return;
    }
    try {
      this.#carryOut(request);
      counters.taken++;
    } catch (error) {
      if (!(error instanceof FieldlineError)) throw error;
      if (request.isRetained) counters.retained++;
      else counters.refused++;
      const { code, message } = error;
      this.#log.warn(
        { device: topic.device, kind: topic.kind, code, reason: message },
        'MQTT: a request was refused',
      );
      if (response !== null) responses.say(response, { error: { code, message } });
      if (error.status === 503) throw error;
    }
  };

  #carryOut({ topic, payload, isRetained, actor, response, ttlMs, identity }: IncomingRequest): void {
    const { commands, configs, responses } = this.#options;
    if (isRetained) {
      throw new FieldlineError(
        'retained',
        'a retained message is of unknown age: publish it without the flag',
        { status: 422 },
      );
    }
    if (response !== null) responses.requireRoom();
    const given = this.#read(topic, payload);
    if (topic.kind === 'config_set') {
      const config = configs.set(topic.device, given, null, actor);
      if (response !== null) responses.say(response, viewConfig(config));
      return;
    }
    const ttl = ttlMs === null ? undefined : Math.min(Math.max(1, ttlMs), MAX_TTL_MS);
    const wanted = { name: topic.name, params: given, ttl };
    const command = commands.give(topic.device, wanted, actor, idempotencyOf(identity, topic, payload));
    if (response !== null) responses.follow(command, response);
  }

  #read(topic: RequestTopic, payload: Buffer): GivenParams {
    const { maxBytes } = this.#options;
    const code = topic.kind === 'command' ? 'bad_params' : 'bad_config';
    if (payload.length > maxBytes) {
      throw new FieldlineError('too_large', `at most ${maxBytes} bytes`, { status: 422 });
    }
    if (payload.length === 0) return {};
    let parsed: unknown;
    try {
      parsed = parseJson(payload, { maxDepth: MAX_DEPTH });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const text = `the payload cannot be read as JSON: ${error.message}`;
      throw new FieldlineError(code, text, { status: 422, cause: error });
    }
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
      throw new FieldlineError(code, 'the payload must be a JSON object', { status: 422 });
    }
    if (Object.keys(parsed).length > MAX_KEYS) {
      throw new FieldlineError(code, `at most ${MAX_KEYS} keys`, { status: 422 });
    }
    return parsed as GivenParams;
  }
}

/** The same body under another topic is another request. */
function idempotencyOf(
  identity: RequestIdentity | null,
  topic: Extract<RequestTopic, { kind: 'command' }>,
  payload: Buffer,
): Idempotency | null {
  if (identity === null) return null;
  const bodyHash = createHash('sha256').update(`${topic.device}/${topic.name}\n`).update(payload);
  return { ...identity, bodyHash: bodyHash.digest('base64url') };
}
