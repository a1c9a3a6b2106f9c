import { COMMAND_STATES, VERIFICATIONS } from '@fieldline/protocol/browser';
import { describe, expect, it } from 'vitest';
import { aCommand, ended, nothingShows, relayShows } from './command.fixture.js';
import { groupOf, outcomeOf } from './outcome.js';
import { verdictOf } from './verdict.js';

describe('verdictOf', () => {
  it('has a head for every end, and a shape', () => {
    for (const state of COMMAND_STATES) {
      for (const verification of [null, ...VERIFICATIONS]) {
        const command = ended({ state, verification });
        for (const context of [relayShows, nothingShows]) {
          expect(verdictOf(command, context, null).head).not.toBe('');
        }
        expect(outcomeOf(command).glyph).not.toBe('');
        expect(groupOf(command)).not.toBe('');
      }
    }
  });

  it('never calls an unanswered command anything but unknown', () => {
    for (const verification of [null, ...VERIFICATIONS]) {
      const command = ended({ state: 'timed_out', verification });
      expect(verdictOf(command, relayShows, true).look).toBe('unknown');
      expect(verdictOf(command, relayShows, true).body).toContain('this corrects itself');
    }
  });

  it('names what was asked where the readings disagree', () => {
    const verdict = verdictOf(ended({ state: 'succeeded', verification: 'contradicted' }), relayShows, true);
    expect(verdict.head).toBe('The device said ok; its readings disagree');
    expect(verdict.body).toContain('Asked for Relay on.');
  });

  it('gives the device’s own words and code', () => {
    const error = { code: 'busy', message: 'motor is moving' };
    expect(verdictOf(ended({ state: 'failed', error }), nothingShows, true)).toMatchObject({
      head: 'The device reports: motor is moving',
      code: 'busy',
      act: 'again',
    });
    expect(verdictOf(ended({ state: 'rejected', error }), nothingShows, true).head).toBe(
      'The device refused: motor is moving',
    );
  });

  it('offers to take back only what was not sent', () => {
    expect(verdictOf(aCommand({ queue: true }), nothingShows, false)).toMatchObject({ act: 'cancel' });
    expect(verdictOf(aCommand({ state: 'sent', sentAt: 2 }), nothingShows, true).act).toBeNull();
  });
});
