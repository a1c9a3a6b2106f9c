import type { CommandView } from '@fieldline/protocol/browser';
import { lookOf } from '../format/metric.js';
import type { ChainContext } from './chain.js';

/** A command for tests: given at 0, not sent yet. */
export function aCommand(part: Partial<CommandView> = {}): CommandView {
  return {
    id: '01A',
    device: 'a',
    name: 'relay.set',
    params: { on: true },
    state: 'queued',
    queue: false,
    ttl: 10_000,
    createdAt: 0,
    sentAt: null,
    finishedAt: null,
    result: null,
    error: null,
    verification: null,
    by: 'mara',
    ...part,
  };
}

/** Sent 2 ms after it was given, ended 40 ms later. */
export const ended = (part: Partial<CommandView>): CommandView =>
  aCommand({ sentAt: 2, finishedAt: 42, ...part });

/** The reading `relay` shows it within 3 s; the answer is due within 5 s. */
export const relayShows: ChainContext = {
  expected: {
    look: lookOf('relay', undefined, { type: 'boolean', title: 'Relay' }),
    value: true,
    withinMs: 3_000,
  },
  answerMs: 5_000,
};
export const nothingShows: ChainContext = { expected: null, answerMs: null };
