import { ROLES } from '@fieldline/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FieldlineError } from '../errors.js';
import { Audit } from '../state/audit.js';
import { entriesOf, TestClock, TestState } from '../state/state.fixture.js';
import { Access } from './access.js';
import { ApiTokens } from './api-tokens.js';
import { AttemptLimiter } from './attempt-limiter.js';
import type { LogIn } from './login-guard.js';
import { LoginLinks } from './login-links.js';
import { NameDelays } from './name-delays.js';
import { allows, type Principal } from './principal.js';
import { RepeatedDeeds } from './repeated-deeds.js';
import { SESSION_COOKIE } from './session-cookie.js';
import { Sessions } from './sessions.js';
import { Tickets } from './tickets.js';
import { Users } from './users.js';

const ADMIN_TOKEN = 'correct-horse-battery';
const ADDRESS = '192.0.2.1';

let state: TestState;
let clock: TestClock;
let apiTokens: ApiTokens;
let sessions: Sessions;
let tickets: Tickets;
let users: Users;
let audit: Audit;
let failures: RepeatedDeeds;
let access: Access;
let revoked: string[];

beforeEach(() => {
  state = new TestState();
  clock = new TestClock();
  const { now } = clock;
  apiTokens = ApiTokens.open(state.file, { now });
  sessions = Sessions.open(state.file, { now });
  tickets = new Tickets({ now });
  users = Users.open(state.file, { now, cost: { logN: 4, r: 1, p: 1 } });
  audit = new Audit(state.file);
  failures = new RepeatedDeeds({ audit, now });
  access = new Access({
    ...{ apiTokens, users, sessions, tickets, audit, failures, now },
    loginLinks: new LoginLinks({ now }),
    attempts: new AttemptLimiter({ now }),
    delays: new NameDelays({ now }),
  });
  access.open();
  apiTokens.setAdminToken(ADMIN_TOKEN);
  revoked = [];
  access.onRevoked((id) => revoked.push(id));
});

afterEach(() => {
  access.close();
  sessions.close();
  apiTokens.close();
  state.remove();
});

function logInAsAdmin(): ReturnType<Access['logIn']> {
  return access.logIn({ username: 'admin', password: ADMIN_TOKEN }, ADDRESS);
}

async function failLogIns(times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) await refusal({ username: 'admin', password: `x${i}` });
}

/** The code with which a log-in is refused; `none` when it is not. */
async function refusal(attempt: LogIn, address = ADDRESS): Promise<string> {
  try {
    await access.logIn(attempt, address);
    return 'none';
  } catch (error) {
    return error instanceof FieldlineError ? error.code : String(error);
  }
}

describe('authenticate', () => {
  it('takes an API token', () => {
    const { token, record } = apiTokens.create({ name: 'grafana', role: 'viewer' });
    const expected = { kind: 'token', id: record.id, name: 'grafana', role: 'viewer' };
    expect(access.authenticate({ authorization: `Bearer ${token}` }, ADDRESS)).toEqual(expected);
    expect(access.authenticate({ authorization: `bearer  ${token} ` }, ADDRESS)).toEqual(expected);
  });

  it.each(['', 'Bearer', 'Bearer ', 'Basic YTpi', 'Bearer wrong', `Bearer ${ADMIN_TOKEN} x`])(
    'refuses the header %j',
    (authorization) => {
      expect(access.authenticate({ authorization }, ADDRESS)).toBeUndefined();
    },
  );

  it('takes the cookie of a log-in, among others', async () => {
    const { cookie, principal } = await logInAsAdmin();
    const header = `theme=dark; ${SESSION_COOKIE}=${cookie}; other=1`;
    expect(access.authenticate({ cookie: header }, ADDRESS)).toEqual(principal);
    expect(access.authenticate({ cookie: `x${SESSION_COOKIE}=${cookie}` }, ADDRESS)).toBeUndefined();
    expect(access.authenticate({ cookie: SESSION_COOKIE }, ADDRESS)).toBeUndefined();
    expect(access.authenticate({ cookie: '' }, ADDRESS)).toBeUndefined();
    expect(access.authenticate({}, ADDRESS)).toBeUndefined();
  });

  it('does not fall back to the cookie when the token is bad', async () => {
    const cookie = `${SESSION_COOKIE}=${(await logInAsAdmin()).cookie}`;
    expect(access.authenticate({ authorization: 'Bearer wrong', cookie }, ADDRESS)).toBeUndefined();
  });
});

describe('logIn', () => {
  it('takes the admin token as the password of admin', async () => {
    const { principal, expiresAt } = await logInAsAdmin();
    const grantedBy = apiTokens.adminToken?.id;
    expect(principal).toEqual({ kind: 'session', id: principal.id, name: 'admin', role: 'admin', grantedBy });
    expect(expiresAt).toBeGreaterThan(clock.ms);
  });

  it('takes nothing else', async () => {
    const other = apiTokens.create({ name: 'admin', role: 'admin' });
    expect(await refusal({ username: 'admin', password: other.token })).toBe('bad_credentials');
    expect(await refusal({ username: 'root', password: ADMIN_TOKEN })).toBe('bad_credentials');
    expect(await refusal({ username: 'admin', password: '' })).toBe('bad_credentials');
    expect(await refusal({ code: ADMIN_TOKEN })).toBe('bad_credentials');
  });

  it('takes the code of a link once', async () => {
    const { code } = access.createLoginLink();
    expect((await access.logIn({ code }, ADDRESS)).principal).toMatchObject({
      kind: 'session',
      role: 'admin',
    });
    expect(await refusal({ code })).toBe('bad_credentials');
  });

  it('slows guessing down, for the address that guesses', async () => {
    await failLogIns(20);
    clock.ms += 15_000;
    try {
      await logInAsAdmin();
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(FieldlineError);
      expect(error).toMatchObject({ code: 'too_many_attempts', status: 429, retryAfterMs: 45_000 });
    }
    expect(
      (await access.logIn({ username: 'admin', password: ADMIN_TOKEN }, '192.0.2.2')).principal.role,
    ).toBe('admin');
    clock.ms += 45_000;
    await logInAsAdmin();
  });

  it('cannot be closed to everybody behind one address: links, tokens and log-ins stay good', async () => {
    const { cookie } = await logInAsAdmin();
    const { code } = access.createLoginLink();
    await failLogIns(50);
    expect((await access.logIn({ code }, ADDRESS)).principal.role).toBe('admin');
    expect(access.authenticate({ cookie: `${SESSION_COOKIE}=${cookie}` }, ADDRESS)).toBeDefined();
    expect(access.authenticate({ authorization: `Bearer ${ADMIN_TOKEN}` }, ADDRESS)).toBeDefined();
    expect(await refusal({ code: 'guess' })).toBe('too_many_attempts');
  });
});

describe('guessing the admin token, which people choose', () => {
  const bearer = (token: string, address: string) =>
    access.authenticate({ authorization: `Bearer ${token}` }, address)?.name;

  it('is of no use to an address that fails a hundred times within a minute', () => {
    for (let n = 0; n < 100; n += 1) bearer(`guess-${n}`, ADDRESS);
    expect(bearer(ADMIN_TOKEN, ADDRESS)).toBeUndefined();
    expect(bearer(ADMIN_TOKEN, '192.0.2.2')).toBe('admin');
    clock.ms += 60_000;
    expect(bearer(ADMIN_TOKEN, ADDRESS)).toBe('admin');
  });

  it('locks nobody out: where it came from before it is taken, and tokens that the hub made always', () => {
    const { token } = apiTokens.create({ name: 'ci', role: 'viewer' });
    expect(bearer(ADMIN_TOKEN, ADDRESS)).toBe('admin');
    for (let n = 0; n < 200; n += 1) for (const from of [ADDRESS, '192.0.2.2']) bearer(`guess-${n}`, from);
    expect(bearer(ADMIN_TOKEN, ADDRESS)).toBe('admin');
    expect(bearer(ADMIN_TOKEN, '192.0.2.2')).toBeUndefined();
    expect(bearer(token, '192.0.2.2')).toBe('ci');
  });
});

describe('revocation', () => {
  it('ends a log-in that logs out', async () => {
    const { principal, cookie } = await logInAsAdmin();
    access.logOut(principal, ADDRESS);
    expect(revoked).toEqual([principal.id]);
    expect(access.authenticate({ cookie: `${SESSION_COOKIE}=${cookie}` }, ADDRESS)).toBeUndefined();
  });

  it('does not end a token that logs out', () => {
    const { record } = apiTokens.create({ name: 'x', role: 'viewer' });
    access.logOut({ kind: 'token', id: record.id, name: 'x', role: 'viewer' }, ADDRESS);
    expect(apiTokens.isGood(record.id)).toBe(true);
  });

  it('of a token reaches its log-ins', async () => {
    const { principal, cookie } = await logInAsAdmin();
    const before = apiTokens.adminToken;
    apiTokens.setAdminToken('another-admin-token');
    expect(revoked).toEqual([principal.id, before?.id]);
    expect(access.authenticate({ cookie: `${SESSION_COOKIE}=${cookie}` }, ADDRESS)).toBeUndefined();
  });

  it('is told of tokens that expire', () => {
    const { record } = apiTokens.create({ name: 'x', role: 'viewer', expiresAt: clock.ms + 5 });
    clock.ms += 5;
    apiTokens.tick();
    expect(revoked).toEqual([record.id]);
  });

  it('is not put off by a restart: what expired meanwhile opens nothing', async () => {
    const { record } = apiTokens.create({ name: 'x', role: 'admin', expiresAt: clock.ms + 5 });
    const { code } = access.createLinkFor({ kind: 'token', ...record });
    const { cookie } = await access.logIn({ code }, ADDRESS);
    access.close();
    clock.ms += 5;
    const { now } = clock;
    sessions.close();
    apiTokens.close();
    apiTokens = ApiTokens.open(state.file, { now });
    sessions = Sessions.open(state.file, { now });
    const later = new Access({
      ...{ users, tickets, audit, failures, now, apiTokens, sessions },
      loginLinks: new LoginLinks({ now }),
      attempts: new AttemptLimiter({ now }),
      delays: new NameDelays({ now }),
    });
    later.open();
    expect(later.authenticate({ cookie: `${SESSION_COOKIE}=${cookie}` }, ADDRESS)).toBeUndefined();
    later.close();
  });

  it('makes tickets worthless', async () => {
    const { principal } = await logInAsAdmin();
    const { record } = apiTokens.create({ name: 'x', role: 'viewer' });
    const viewer = { kind: 'token', id: record.id, name: 'x', role: 'viewer' } as const;
    const good = tickets.create(viewer).ticket;
    expect(access.redeemTicket(good)).toEqual(viewer);
    expect(access.redeemTicket(good)).toBeUndefined();
    const [late, alsoLate] = [tickets.create(viewer).ticket, tickets.create(principal).ticket];
    apiTokens.revoke(record.id);
    access.logOut(principal, ADDRESS);
    expect(access.redeemTicket(late)).toBeUndefined();
    expect(access.redeemTicket(alsoLate)).toBeUndefined();
    expect(access.redeemTicket('unknown')).toBeUndefined();
  });
});

describe('users', () => {
  const ADA = { username: 'ada', password: 'correct horse battery' };
  const HOME = '198.51.100.7';
  /** An address of its own for each. */
  const elsewhere = (n: number) => `203.0.113.${n}`;
  const entries = (action: string) => entriesOf(audit, { action });

  beforeEach(async () => {
    await users.create({ ...ADA, role: 'operator' });
  });

  it('log in by name and password, in whatever letters the name is written', async () => {
    const { principal } = await access.logIn({ ...ADA, username: 'Ada' }, HOME);
    expect(principal).toEqual({
      kind: 'session',
      id: principal.id,
      name: 'ada',
      role: 'operator',
      user: true,
      grantedBy: users.get('ada')?.id,
    });
    expect(await refusal({ ...ADA, password: 'Correct horse battery' })).toBe('bad_credentials');
    expect(users.get('ada')?.lastUsedAt).toBe(clock.ms);
  });

  it('are out at once when they are removed, demoted, or get another password', async () => {
    await users.create({ username: 'root', password: 'root of all evil', role: 'admin' });
    const changes = [
      () => users.change('ada', { role: 'viewer' }),
      () => users.change('ada', { password: 'another long password' }),
      async () => users.remove('ada'),
    ];
    let { password } = ADA;
    for (const change of changes) {
      const { principal, cookie } = await access.logIn({ username: 'ada', password }, HOME);
      await change();
      expect(revoked.splice(0)).toEqual([principal.id]);
      expect(access.authenticate({ cookie: `${SESSION_COOKIE}=${cookie}` }, ADDRESS)).toBeUndefined();
      if (change === changes[1]) password = 'another long password';
    }
    expect(await refusal({ username: 'ada', password })).toBe('bad_credentials');
  });

  it('keep the log-in that changes its own password', async () => {
    const [mine, other] = [await access.logIn(ADA, HOME), await access.logIn(ADA, HOME)];
    await users.change('ada', { password: 'another long password' }, { except: mine.principal.id });
    expect(revoked).toEqual([other.principal.id]);
  });

  it('wait longer and longer when many guess, but never more than a minute', async () => {
    for (let n = 0; n < 6; n += 1) {
      expect(await refusal({ ...ADA, password: 'guess' }, elsewhere(n))).toBe('bad_credentials');
    }
    const waits: number[] = [];
    for (let n = 6; n < 20; n += 1) {
      try {
        await access.logIn({ ...ADA, password: 'guess' }, elsewhere(n));
      } catch (error) {
        expect(error).toMatchObject({ code: 'too_many_attempts' });
        const { retryAfterMs = 0 } = error as FieldlineError;
        waits.push(retryAfterMs);
        clock.ms += retryAfterMs;
        await refusal({ ...ADA, password: 'guess' }, elsewhere(n));
      }
    }
    expect(waits.slice(0, 7)).toEqual([1, 2, 4, 8, 16, 32, 60].map((seconds) => seconds * 1_000));
    expect(Math.max(...waits)).toBe(60_000);
    clock.ms += 60_000;
    expect(await refusal(ADA, elsewhere(99))).toBe('none');
  });

  it('are not locked out by others: known addresses and other names go on', async () => {
    await users.create({ username: 'bob', password: 'bobs long password', role: 'viewer' });
    await access.logIn(ADA, HOME);
    // Also by those who share the address with the user.
    for (let n = 0; n < 40; n += 1) await refusal({ ...ADA, password: 'guess' }, n % 2 ? HOME : elsewhere(n));
    expect(await refusal(ADA, elsewhere(99))).toBe('too_many_attempts');
    expect(await refusal({ ...ADA, password: 'guess' }, HOME)).toBe('too_many_attempts');
    expect(await refusal(ADA, HOME)).toBe('none');
    expect(await refusal({ username: 'bob', password: 'bobs long password' }, elsewhere(98))).toBe('none');
    expect(await refusal({ code: access.createLoginLink().code }, HOME)).toBe('none');
  });

  it('log in elsewhere by a link of their own, which ends with them', async () => {
    const { principal } = await access.logIn(ADA, HOME);
    const [one = '', two = ''] = [1, 2].map(() => access.createLinkFor(principal).code);
    const again = await access.logIn({ code: one }, elsewhere(1));
    expect(again.principal).toMatchObject({ name: 'ada', role: 'operator', user: true });
    users.remove('ada');
    expect(await refusal({ code: two })).toBe('bad_credentials');
  });

  it.each<[string, (own: Principal, other: Principal) => void]>([
    ['logs out', (own) => access.logOut(own, HOME)],
    ['is ended from another one', (own, other) => access.endSession(other, own.id, HOME)],
    ['is not used for too long', () => (clock.ms += 60_000)],
  ])('leave no link behind when the log-in that made it %s', async (_, end) => {
    const { principal: own } = await access.logIn(ADA, HOME);
    clock.ms += 12 * 3_600_000 - 60_000;
    const { principal: other } = await access.logIn(ADA, HOME);
    const [made, kept] = [access.createLinkFor(own), access.createLinkFor(other)];
    end(own, other);
    expect(await refusal({ code: made.code })).toBe('bad_credentials');
    expect(await refusal({ code: kept.code })).toBe('none');
  });

  it('leave no link behind when they get another password or role: it would be a way back for an intruder', async () => {
    for (const change of [{ role: 'viewer' }, { password: 'another long password' }] as const) {
      const { principal } = await access.logIn(ADA, HOME);
      const { code } = access.createLinkFor(principal);
      await users.change('ada', change, { except: principal.id });
      expect(await refusal({ code })).toBe('bad_credentials');
    }
  });

  it('are known at their addresses after a restart, too', async () => {
    await access.logIn(ADA, HOME);
    users = Users.open(state.file);
    expect([users.knows('ada', HOME), users.knows('ada', elsewhere(1))]).toEqual([true, false]);
  });

  it('that do not exist wait alike', async () => {
    const told = async (username: string) => {
      const codes: string[] = [];
      for (let n = 0; n < 8; n += 1) codes.push(await refusal({ username, password: 'guess' }, elsewhere(n)));
      return codes;
    };
    expect(await told('nobody')).toEqual(await told('ada'));
  });

  it('are in the audit, and a flood of failures fills little of it', async () => {
    await access.logIn(ADA, HOME);
    expect(entries('session.created')).toMatchObject([{ actor: 'user:ada', address: HOME }]);
    for (let n = 0; n < 50; n += 1) await refusal({ ...ADA, password: 'guess' }, '192.0.2.9');
    for (let n = 0; n < 300; n += 1)
      await refusal({ username: `typed-password-${n}`, password: 'x' }, `10.0.${n}.1`);
    const told = entries('session.refused');
    expect(told.length).toBeLessThan(110);
    expect(JSON.stringify(told)).not.toContain('typed-password');
    clock.ms += 600_000;
    failures.tick();
    expect(entries('session.refused')).toContainEqual(
      expect.objectContaining({ subject: 'user:ada', details: { repeats: 49, since: expect.any(Number) } }),
    );
  });
});

describe('roles', () => {
  it('may all that the roles before them may', () => {
    const table = ROLES.map((role) => ROLES.map((needed) => allows(role, needed)));
    expect(table).toEqual([
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ]);
  });
});
