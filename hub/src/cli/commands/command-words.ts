import type { CommandView } from '@fieldline/protocol';
import { printable, type Terminal } from '../terminal.js';

/** A command on a few lines. */
export function commandLines(command: CommandView, { bold, dim }: Terminal['colors']): string[] {
  const { id, device, name, error, result } = command;
  return [
    `${bold(device)} ${name}: ${outcomeOf(command)}`,
    ...(error === null ? [] : [`  ${printable(error.code)}: ${printable(error.message)}`]),
    ...(result === null ? [] : [`  ${printable(JSON.stringify(result))}`]),
    dim(`  ${id}`),
  ];
}

/** What is known, and no more. */
export function outcomeOf({ state, verification }: CommandView): string {
  const outcome = state === 'timed_out' ? 'outcome unknown: it was sent, and no answer came' : state;
  switch (verification) {
    case 'verified':
      return `${outcome}, and telemetry shows it`;
    case 'contradicted':
      return `${outcome}, but telemetry shows otherwise`;
    case 'unverified':
      return `${outcome}; no telemetry came that could show it`;
    default:
      return outcome;
  }
}

/** The state in a word, as the page says it. */
export function stateWord(state: CommandView['state']): string {
  return state === 'timed_out' ? 'outcome unknown' : state;
}

/** Parameters as they are typed: `on=true level=5`. */
export function paramsText(params: CommandView['params']): string {
  return Object.entries(params)
    .map(([key, value]) => printable(`${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`))
    .join(' ');
}
