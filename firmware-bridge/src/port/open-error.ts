/** What the system's errors at the opening of a serial port mean, for those that have a usual cause. */
const CAUSES: readonly (readonly [text: RegExp, cause: (path: string) => string])[] = [
  [/cannot lock port/i, (path) => `${path} is open in another program`],
  [/permission denied/i, (path) => `${path} may not be opened: is the user in the group dialout?`],
];

/** The error for people; what is not known stays as it is. */
export function openError(error: unknown, path: string): Error {
  const { message } = error as Error;
  const [, cause] = CAUSES.find(([text]) => text.test(message)) ?? [];
  return new Error(cause === undefined ? message : cause(path), { cause: error });
}
