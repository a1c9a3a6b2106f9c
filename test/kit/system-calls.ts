/** A system call, at the place in the trace where it returned. */
export interface SystemCall {
  readonly name: string;
  /** What its first argument, a descriptor, stands for: a path, or a socket. */
  readonly target: string;
  readonly result: number;
  /** The call as strace prints it. */
  readonly text: string;
}

/**
 * Reads the output of `strace -f -y -o`: `1234 write(21</path>, "…", 5) = 5`, or in two parts, since threads
 * interleave: `1234 write(21</path>, "…", 5 <unfinished ...>` and `1234 <... write resumed>) = 5`.
 *
 * A call of two parts is placed where it returned, except for a write to a socket: that may have reached the
 * peer since its beginning, and is placed there.
 */
export function readTrace(trace: string): SystemCall[] {
  const calls: (SystemCall | undefined)[] = [];
  const unfinished = new Map<string, { start: string; place: number }>();
  for (const line of trace.split('\n')) {
    const [, thread = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (rest.endsWith('<unfinished ...>')) {
      unfinished.set(thread, { start: rest.slice(0, -'<unfinished ...>'.length), place: calls.length });
      calls.push(undefined);
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const begun = resumed ? unfinished.get(thread) : undefined;
    const call = parseCall(begun === undefined ? rest : `${begun.start}${resumed?.[1] ?? ''}`);
    if (call === undefined) continue;
    if (begun !== undefined && isSocket(call)) calls[begun.place] = call;
    else calls.push(call);
  }
  return calls.filter((call) => call !== undefined);
}

function isSocket({ target }: SystemCall): boolean {
  return target.startsWith('socket:') || target.startsWith('TCP:');
}

function parseCall(text: string): SystemCall | undefined {
  const [, name, target = ''] = /^(\w+)\(\d+(?:<([^>]*)>)?/.exec(text) ?? [];
  const [, result] = /= (-?\d+)[^=]*$/.exec(text) ?? [];
  return name === undefined || result === undefined
    ? undefined
    : { name, target, result: Number(result), text };
}
