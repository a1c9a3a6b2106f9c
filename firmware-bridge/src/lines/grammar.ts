import {
  isCommandId,
  isCommandName,
  isMetricName,
  isParamName,
  parseJson,
  type Value,
} from '@fieldline/protocol';
import type { Line, LineAnswer, Pairs } from './line.js';

/** A number as JSON has it (RFC 8259 §6). */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** A text in quotes: everything but control characters of ASCII; a quote and a backslash have a backslash before them. */
const QUOTED = String.raw`"(?:[ !#-\[\]-~\u{80}-\u{10FFFF}]|\\["\\])*"`;
/** One pair at the place where the search stands; a text may hold spaces. */
const PAIR = new RegExp(String.raw`([^\s=]+)=(${QUOTED}|[^\s"]+)`, 'uy');
const UPTIME = / @(\d{1,16})$/;
const RESULT = /^=(\S+) (ok|accepted|error|rejected)(?: (.*))?$/s;
const REFUSAL = new RegExp(`^([A-Za-z0-9_.-]{1,64})(?: (${QUOTED}))?$`, 'u');
const COMMAND = /^!(\S+) (\S+)(?: (.*))?$/s;

/** Reads a line without its check and its end (protocol §5). What matches nothing wholly is a line of the log. */
export function parseLine(text: string): Line {
  if (text === '?') return { kind: 'question' };
  return (
    (text.startsWith('{') && text.endsWith('}') ? message(text) : undefined) ??
    (text.startsWith('=') ? result(text) : undefined) ??
    (text.startsWith('!') ? command(text) : undefined) ??
    reading(text) ?? { kind: 'log', text }
  );
}

function message(text: string): Line {
  try {
    return { kind: 'message', message: parseJson(text) as Record<string, unknown> };
  } catch (error) {
    return { kind: 'log', text, broken: (error as Error).message };
  }
}

function reading(text: string): Line | undefined {
  const uptime = UPTIME.exec(text);
  const values = parsePairs(uptime === null ? text : text.slice(0, uptime.index), isMetricName);
  if (values === undefined) return undefined;
  return { kind: 'reading', values, ...(uptime === null ? {} : { uptimeMs: Number(uptime[1]) }) };
}

function result(text: string): Line | undefined {
  const [, id, status, rest] = RESULT.exec(text) ?? [];
  if (!isCommandId(id)) return undefined;
  const answer = answerOf(status as LineAnswer['status'], rest);
  return answer && { kind: 'result', id, answer };
}

function answerOf(status: LineAnswer['status'], rest: string | undefined): LineAnswer | undefined {
  if (status === 'accepted') return rest === undefined ? { status } : undefined;
  if (status === 'ok') {
    if (rest === undefined) return { status };
    const result = parsePairs(rest, isParamName);
    return result && { status, result };
  }
  const [, code, quoted] = REFUSAL.exec(rest ?? '') ?? [];
  if (code === undefined) return undefined;
  return { status, code, ...(quoted === undefined ? {} : { message: unquote(quoted) }) };
}

function command(text: string): Line | undefined {
  const [, id, name, rest] = COMMAND.exec(text) ?? [];
  if (!isCommandId(id) || !isCommandName(name)) return undefined;
  const params = rest === undefined ? {} : parsePairs(rest, isParamName);
  return params && { kind: 'command', id, name, params };
}

/** Pairs with exactly one space between them, or undefined when the text is not that, or names one twice. */
function parsePairs(text: string, isName: (name: string) => boolean): Pairs | undefined {
  const pairs: Record<string, Value | null> = {};
  for (let place = 0; ; place++) {
    PAIR.lastIndex = place;
    const [whole, name, written] = PAIR.exec(text) ?? [];
    if (whole === undefined || name === undefined || written === undefined) return undefined;
    const value = parseValue(written);
    if (value === undefined || !isName(name) || Object.hasOwn(pairs, name)) return undefined;
    pairs[name] = value;
    place += whole.length;
    if (place === text.length) return pairs;
    if (text[place] !== ' ') return undefined;
  }
}

function parseValue(written: string): Value | null | undefined {
  if (written.startsWith('"')) return unquote(written);
  if (written === 'true' || written === 'false') return written === 'true';
  if (written === 'null') return null;
  if (!NUMBER.test(written)) return undefined;
  const number = Number(written);
  return Number.isFinite(number) ? number : undefined;
}

function unquote(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(["\\])/g, '$1');
}
