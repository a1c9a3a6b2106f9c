import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Readable, Writable } from 'node:stream';
import pico from 'picocolors';

/** The person's side of the command line: what is printed, in which colours, and what is asked. */
export interface Terminal {
  readonly colors: ReturnType<typeof pico.createColors>;
  /** One line of result. */
  print(line?: string): void;
  /** One line beside the result: progress, hints, errors. Never mixed into piped output. */
  note(line: string): void;
  /** A line beside the result that the next one takes the place of; null ends it. Shown on a terminal only. */
  progress(line: string | null): void;
  /** Asks a question; null where nobody is there to answer. */
  ask(question: string): Promise<string | null>;
  /**
   * Asks for secrets without showing what is typed. Where nobody is there the first line of the input is the one
   * answer; null where there is none.
   */
  askSecretly(questions: readonly string[]): Promise<readonly string[] | null>;
}

/** The streams of a process, as far as a {@link Terminal} needs them. */
export interface Streams {
  readonly stdin: Readable & { isTTY?: boolean };
  readonly stdout: Writable & { isTTY?: boolean };
  readonly stderr: Writable & { isTTY?: boolean };
}

/** A terminal on the streams of a process. Colours are used on a terminal only, and never with `NO_COLOR`. */
export function openTerminal(streams: Streams, env: NodeJS.ProcessEnv): Terminal {
  const { stdin, stdout, stderr } = streams;
  const colors = pico.createColors(stdout.isTTY === true && !env.NO_COLOR);
  return {
    colors,
    print: (line = '') => void stdout.write(`${line}\n`),
    note: (line) => void stderr.write(`${line}\n`),
    progress: (line) => {
      if (stderr.isTTY) stderr.write(line === null ? '\n' : `\r\x1b[2K${line}`);
    },
    async ask(question) {
      if (!stdin.isTTY) return null;
      const lines = createInterface({ input: stdin, output: stderr });
      const closed = once(lines, 'close').then(() => null);
      const answered = new Promise<string>((resolve) => lines.question(`${question} `, resolve));
      const answer = await Promise.race([answered, closed]);
      lines.close();
      return answer;
    },
    askSecretly: (questions) =>
      stdin.isTTY ? typedUnseen({ stdin, stdout, stderr }, questions) : firstLine(stdin),
  };
}

async function typedUnseen({ stdin, stderr }: Streams, questions: readonly string[]) {
  // The line editor shows what is typed by writing it to its output.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true });
  const typed = lines[Symbol.asyncIterator]();
  const answers: string[] = [];
  for (const question of questions) {
    stderr.write(`${question} `);
    const line = await typed.next();
    stderr.write('\n');
    if (line.done === true) break;
    answers.push(line.value);
  }
  lines.close();
  return answers.length === questions.length ? answers : null;
}

async function firstLine(input: Readable): Promise<readonly string[] | null> {
  const lines = createInterface({ input });
  for await (const line of lines) return [line];
  return null;
}

/**
 * Text from a device made safe to print: control characters become visible escapes, so that a reading
 * cannot move the cursor, retitle the window or forge a line.
 */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
