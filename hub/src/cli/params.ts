import { Argument, InvalidArgumentError } from 'commander';

/** Parameters of a command, as typed. */
export type Params = Readonly<Record<string, string | number | boolean | null>>;

/** `[param=value...]` of commands that give commands. */
export function paramsArgument(): Argument {
  return new Argument('[param=value...]', 'its parameters: on=true, level=3, "name=front door"')
    .argParser(collectParam)
    .default({}, 'none');
}

/**
 * Collects `name=value` arguments of a command line. `true`, `false`, `null` and numbers are what they say; a text that
 * looks like one of them goes into double quotes, as in JSON: `name="12"`.
 */
export function collectParam(text: string, before: Params): Params {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('A parameter is name=value.');
  return { ...before, [text.slice(0, at)]: readValue(text.slice(at + 1)) };
}

function readValue(text: string): string | number | boolean | null {
  if (!/^(true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?|".*")$/s.test(text)) return text;
  try {
    return JSON.parse(text) as string | number | boolean | null;
  } catch {
    return text;
  }
}
