import { describe, expect, it } from 'vitest';
import { chainOf } from './chain.js';
import { aCommand, ended, nothingShows, relayShows } from './command.fixture.js';

const drawn = (...args: Parameters<typeof chainOf>) =>
  chainOf(...args).map(
    ({ word, look, proof }) => `${word}${look === 'plain' ? '' : ` ${look}`}${proof ? '!' : ''}`,
  );

describe('chainOf', () => {
  it('draws what may still come', () => {
    expect(drawn(aCommand(), relayShows)).toEqual([
      'Queued',
      'Sent next',
      'Succeeded next',
      'Verified next!',
    ]);
    expect(drawn(aCommand(), nothingShows)).toEqual(['Queued', 'Sent next', 'Succeeded next']);
    const sent = aCommand({ state: 'sent', sentAt: 2, verification: 'pending' });
    expect(drawn(sent, relayShows)).toEqual([
      'Queued',
      'Sent',
      'Waiting for an answer pending',
      'Verified next!',
    ]);
    expect(drawn(aCommand({ state: 'accepted', sentAt: 2 }), nothingShows)).toEqual([
      'Queued',
      'Sent',
      'Accepted pending',
      'Succeeded next',
    ]);
  });

  it('keeps the device’s word and the readings’ apart', () => {
    const drawnEnd = (verification: 'pending' | 'verified' | 'contradicted' | 'unverified' | null) =>
      drawn(ended({ state: 'succeeded', verification }), relayShows).slice(2);
    expect(drawnEnd('pending')).toEqual(['Succeeded', 'Checking the reading pending!']);
    expect(drawnEnd('verified')).toEqual(['Succeeded', 'Verified verified!']);
    expect(drawnEnd('contradicted')).toEqual(['Succeeded', 'Contradicted contradicted!']);
    expect(drawnEnd('unverified')).toEqual(['Succeeded', 'Not proven unknown!']);
    expect(drawnEnd(null)).toEqual(['Succeeded']);
  });

  it('calls no answer unknown, never failed', () => {
    const [, , end] = chainOf(ended({ state: 'timed_out', finishedAt: 5_002 }), nothingShows);
    expect(end).toMatchObject({ word: 'No answer', detail: 'within 5\u00a0s', look: 'unknown' });
    const rebooted = { code: 'rebooted', message: '' };
    expect(chainOf(ended({ state: 'timed_out', error: rebooted }), nothingShows)[2]?.detail).toBe(
      'it restarted',
    );
  });

  it('ends where nothing was sent', () => {
    expect(drawn(aCommand({ state: 'expired', finishedAt: 9 }), relayShows)).toEqual(['Queued', 'Expired']);
    expect(drawn(aCommand({ state: 'cancelled', finishedAt: 9 }), relayShows)).toEqual([
      'Queued',
      'Cancelled',
    ]);
  });

  it('tells how long each step took', () => {
    expect(chainOf(ended({ state: 'succeeded' }), nothingShows).map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d$/),
      '+2\u00a0ms',
      '+40\u00a0ms, says the device',
    ]);
    const judged = ended({ state: 'succeeded', verification: 'verified', acceptedAt: 12, verifiedAt: 1_402 });
    expect(chainOf(judged, relayShows).slice(2)).toMatchObject([
      { word: 'Accepted', detail: '+10\u00a0ms, says the device' },
      { word: 'Succeeded', detail: '+40\u00a0ms, says the device' },
      { word: 'Verified', detail: '+1.4\u00a0s, says the reading' },
    ]);
  });
});
