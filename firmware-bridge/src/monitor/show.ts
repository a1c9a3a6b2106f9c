import type pico from 'picocolors';
import type { BoardInput } from '../board/board-codec.js';
import type { Framing } from '../config/config.js';

type Colors = ReturnType<typeof pico.createColors>;

/** What came over the line, in one line for people; undefined where there was nothing in it. */
export function show(input: BoardInput, frame: Buffer, framing: Framing, colors: Colors): string | undefined {
  const check = checkOf(input, frame, framing, colors);
  switch (input.kind) {
    case 'nothing':
      return frame.length === 0 ? undefined : `${colors.dim('echo')}     ${printable(frame.toString())}`;
    case 'fault':
      return `${colors.red('dropped')}  ${input.reason}  ${colors.dim(raw(frame, framing))}`;
    case 'log':
      return input.broken === undefined
        ? `${colors.dim('log')}      ${printable(input.text)}`
        : `${colors.yellow('log')}      ${printable(input.text)}  ${colors.yellow(`no JSON: ${input.broken}`)}`;
    case 'reading': {
      const uptime = input.uptimeMs === undefined ? '' : `  @${input.uptimeMs} ms`;
      return `${colors.green('reading')}  ${values(input.values)}${colors.dim(uptime)}${check}`;
    }
    case 'result': {
      const { status, ...rest } = input.answer;
      return `${colors.cyan('answer')}   ${input.id} ${status} ${values(rest)}${check}`;
    }
    case 'message': {
      const { type, ...rest } = input.message;
      const kind = typeof type === 'string' ? type : 'reading';
      return `${colors.green(printable(kind).padEnd(8))} ${values(rest)}${check}`;
    }
  }
}

/** `temperature=21.5 text="a b"`: control characters of a board cannot move the cursor. */
function values(map: Readonly<Record<string, unknown>>): string {
  return printable(
    Object.entries(map)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(' '),
  );
}

function checkOf(input: BoardInput, frame: Buffer, framing: Framing, colors: Colors): string {
  if (input.kind === 'fault' || input.kind === 'log') return '';
  const hasCheck = framing === 'cobs' || / \*[0-9A-Fa-f]{4}\r?$/.test(frame.toString('latin1'));
  return colors.dim(hasCheck ? '  check right' : '  no check');
}

function raw(frame: Buffer, framing: Framing): string {
  return framing === 'cobs' ? frame.toString('hex', 0, 64) : printable(frame.toString('utf8', 0, 120));
}

/** Control characters, and marks that turn the direction of writing, become visible. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029\ufffd]/gu, (character) => {
    return character === '\ufffd' ? '·' : `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`;
  });
}
