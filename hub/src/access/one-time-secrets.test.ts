import { describe, expect, it } from 'vitest';
import { TestClock } from '../state/state.fixture.js';
import { LoginLinks } from './login-links.js';
import { OneTimeSecrets } from './one-time-secrets.js';
import { Tickets } from './tickets.js';

describe('OneTimeSecrets', () => {
  it('are good once', () => {
    const secrets = new OneTimeSecrets<string>({ prefix: 'x_', lifetimeMs: 60_000, limit: 5 });
    const { secret } = secrets.issue('meaning', 'a');
    expect(secret).toMatch(/^x_[A-Za-z0-9_-]{43}$/);
    expect(secrets.take(`${secret}x`)).toBeUndefined();
    expect(secrets.take(secret)).toBe('meaning');
    expect(secrets.take(secret)).toBeUndefined();
  });

  it('are good for a short time', () => {
    const clock = new TestClock();
    const secrets = new OneTimeSecrets<string>({ prefix: '', lifetimeMs: 10, limit: 5, now: clock.now });
    const first = secrets.issue('first', 'a');
    expect(first.expiresAt).toBe(clock.ms + 10);
    clock.ms += 5;
    const second = secrets.issue('second', 'a');
    clock.ms += 5;
    expect(secrets.take(first.secret)).toBeUndefined();
    expect(secrets.take(second.secret)).toBe('second');
  });

  it('are limited in number: the oldest gives way', () => {
    const secrets = new OneTimeSecrets<number>({ prefix: '', lifetimeMs: 60_000, limit: 2 });
    const issued = [1, 2, 3].map((meaning) => secrets.issue(meaning, 'a').secret);
    expect(issued.map((secret) => secrets.take(secret))).toEqual([undefined, 2, 3]);
  });

  it('are limited for each owner: nobody pushes others out', () => {
    const secrets = new OneTimeSecrets<number>({
      ...{ prefix: '', lifetimeMs: 60_000, limit: 4, limitPerOwner: 2 },
    });
    const other = secrets.issue(0, 'other').secret;
    const issued = [1, 2, 3, 4, 5].map((meaning) => secrets.issue(meaning, 'greedy').secret);
    expect(issued.map((secret) => secrets.take(secret))).toEqual([undefined, undefined, undefined, 4, 5]);
    expect(secrets.take(other)).toBe(0);
  });

  it('are taken back from one owner', () => {
    const secrets = new OneTimeSecrets<string>({ prefix: '', lifetimeMs: 60_000, limit: 5 });
    const [mine, theirs] = [secrets.issue('mine', 'me').secret, secrets.issue('theirs', 'them').secret];
    secrets.revoke('me');
    expect([secrets.take(mine), secrets.take(theirs)]).toEqual([undefined, 'theirs']);
  });
});

it('Tickets live 30 s', () => {
  const clock = new TestClock();
  const tickets = new Tickets({ now: clock.now });
  const principal = { kind: 'token', id: 'a', name: 'n', role: 'viewer' } as const;
  const { ticket, expiresAt } = tickets.create(principal);
  expect(ticket).toMatch(/^flt_/);
  expect(expiresAt).toBe(clock.ms + 30_000);
  expect(tickets.redeem(ticket)).toEqual(principal);
  expect(tickets.redeem(ticket)).toBeUndefined();
});

it('LoginLinks live ten minutes', () => {
  const clock = new TestClock();
  const links = new LoginLinks({ now: clock.now });
  const grant = { name: 'admin', role: 'admin', grantedBy: 'a', isUser: false } as const;
  const link = { grant, maker: { kind: 'token', id: 'a' } } as const;
  const late = links.create(link);
  clock.ms += 600_000;
  expect(links.redeem(late.code)).toBeUndefined();
  expect(links.redeem(links.create(link).code)).toEqual(link);
});
