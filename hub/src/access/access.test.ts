import { ROLES } from '@fieldline/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FieldlineError } from '../errors.js';
import { codeOf, TestClock, TestState } from '../state/state.fixture.js';
import { Access, SESSION_COOKIE } from './access.js';
import { ApiTokens } from './api-tokens.js';
import { AttemptLimiter } from './attempt-limiter.js';
import { LoginLinks } from './login-links.js';
import { allows } from './principal.js';
import { Sessions } from './sessions.js';
import { Tickets } from './tickets.js';

const ADMIN_TOKEN = 'correct-horse-battery';
const ADDRESS = '192.0.2.1';

let state: TestState;
let clock: TestClock;
let apiTokens: ApiTokens;
let sessions: Sessions;
let tickets: Tickets;
let access: Access;
let revoked: string[];

beforeEach(() => {
  state = new TestState();
  clock = new TestClock();
  const { now } = clock;
  apiTokens = ApiTokens.open(state.file, { now });
  sessions = Sessions.open(state.file, { now });
  tickets = new Tickets({ now });
  const attempts = new AttemptLimiter({ now });
  access = new Access({ apiTokens, sessions, tickets, loginLinks: new LoginLinks({ now }), attempts });
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

function failLogIns(times: number): void {
  for (let i = 0; i < times; i += 1)
    codeOf(() => access.logIn({ username: 'admin', password: `x${i}` }, ADDRESS));
}

describe('authenticate', () => {
  it('takes an API token', () => {
    const { token, record } = apiTokens.create({ name: 'grafana', role: 'viewer' });
    const expected = { kind: 'token', id: record.id, name: 'grafana', role: 'viewer' };
    expect(access.authenticate({ authorization: `Bearer ${token}` })).toEqual(expected);
    expect(access.authenticate({ authorization: `bearer  ${token} ` })).toEqual(expected);
  });

  it.each(['', 'Bearer', 'Bearer ', 'Basic YTpi', 'Bearer wrong', `Bearer ${ADMIN_TOKEN} x`])(
    'refuses the header %j',
    (authorization) => {
      expect(access.authenticate({ authorization })).toBeUndefined();
    },
  );

  it('takes the cookie of a log-in, among others', () => {
    const { cookie, principal } = logInAsAdmin();
    const header = `theme=dark; ${SESSION_COOKIE}=${cookie}; other=1`;
    expect(access.authenticate({ cookie: header })).toEqual(principal);
    expect(access.authenticate({ cookie: `x${SESSION_COOKIE}=${cookie}` })).toBeUndefined();
    expect(access.authenticate({ cookie: SESSION_COOKIE })).toBeUndefined();
    expect(access.authenticate({ cookie: '' })).toBeUndefined();
    expect(access.authenticate({})).toBeUndefined();
  });

  it('does not fall back to the cookie when the token is bad', () => {
    const cookie = `${SESSION_COOKIE}=${logInAsAdmin().cookie}`;
    expect(access.authenticate({ authorization: 'Bearer wrong', cookie })).toBeUndefined();
  });
});

describe('logIn', () => {
  it('takes the admin token as the password of admin', () => {
    const { principal, expiresAt } = logInAsAdmin();
    expect(principal).toEqual({ kind: 'session', id: principal.id, name: 'admin', role: 'admin' });
    expect(expiresAt).toBeGreaterThan(clock.ms);
  });

  it('takes nothing else', () => {
    const other = apiTokens.create({ name: 'admin', role: 'admin' });
    expect(codeOf(() => access.logIn({ username: 'admin', password: other.token }, ADDRESS))).toBe(
      'bad_credentials',
    );
    expect(codeOf(() => access.logIn({ username: 'root', password: ADMIN_TOKEN }, ADDRESS))).toBe(
      'bad_credentials',
    );
    expect(codeOf(() => access.logIn({ username: 'admin', password: '' }, ADDRESS))).toBe('bad_credentials');
    expect(codeOf(() => access.logIn({ code: ADMIN_TOKEN }, ADDRESS))).toBe('bad_credentials');
  });

  it('takes the code of a link once', () => {
    const { code } = access.createLoginLink();
    expect(access.logIn({ code }, ADDRESS).principal).toMatchObject({ kind: 'session', role: 'admin' });
    expect(codeOf(() => access.logIn({ code }, ADDRESS))).toBe('bad_credentials');
  });

  it('slows guessing down, for the address that guesses', () => {
    failLogIns(20);
    clock.ms += 15_000;
    try {
      logInAsAdmin();
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(FieldlineError);
      expect(error).toMatchObject({ code: 'too_many_attempts', status: 429, retryAfterMs: 45_000 });
    }
    expect(access.logIn({ username: 'admin', password: ADMIN_TOKEN }, '192.0.2.2').principal.role).toBe(
      'admin',
    );
    clock.ms += 45_000;
    logInAsAdmin();
  });

  it('cannot be closed to everybody behind one address: links, tokens and log-ins stay good', () => {
    const { cookie } = logInAsAdmin();
    const { code } = access.createLoginLink();
    failLogIns(50);
    expect(access.logIn({ code }, ADDRESS).principal.role).toBe('admin');
    expect(access.authenticate({ cookie: `${SESSION_COOKIE}=${cookie}` })).toBeDefined();
    expect(access.authenticate({ authorization: `Bearer ${ADMIN_TOKEN}` })).toBeDefined();
    expect(codeOf(() => access.logIn({ code: 'guess' }, ADDRESS))).toBe('too_many_attempts');
  });
});

describe('revocation', () => {
  it('ends a log-in that logs out', () => {
    const { principal, cookie } = logInAsAdmin();
    access.logOut(principal);
    expect(revoked).toEqual([principal.id]);
    expect(access.authenticate({ cookie: `${SESSION_COOKIE}=${cookie}` })).toBeUndefined();
  });

  it('does not end a token that logs out', () => {
    const { record } = apiTokens.create({ name: 'x', role: 'viewer' });
    access.logOut({ kind: 'token', id: record.id, name: 'x', role: 'viewer' });
    expect(apiTokens.isGood(record.id)).toBe(true);
  });

  it('of a token reaches its log-ins', () => {
    const { principal, cookie } = logInAsAdmin();
    const before = apiTokens.adminToken;
    apiTokens.setAdminToken('another-admin-token');
    expect(revoked).toEqual([principal.id, before?.id]);
    expect(access.authenticate({ cookie: `${SESSION_COOKIE}=${cookie}` })).toBeUndefined();
  });

  it('is told of tokens that expire', () => {
    const { record } = apiTokens.create({ name: 'x', role: 'viewer', expiresAt: clock.ms + 5 });
    clock.ms += 5;
    apiTokens.tick();
    expect(revoked).toEqual([record.id]);
  });

  it('makes tickets worthless', () => {
    const { principal } = logInAsAdmin();
    const { record } = apiTokens.create({ name: 'x', role: 'viewer' });
    const viewer = { kind: 'token', id: record.id, name: 'x', role: 'viewer' } as const;
    const good = tickets.create(viewer).ticket;
    expect(access.redeemTicket(good)).toEqual(viewer);
    expect(access.redeemTicket(good)).toBeUndefined();
    const [late, alsoLate] = [tickets.create(viewer).ticket, tickets.create(principal).ticket];
    apiTokens.revoke(record.id);
    access.logOut(principal);
    expect(access.redeemTicket(late)).toBeUndefined();
    expect(access.redeemTicket(alsoLate)).toBeUndefined();
    expect(access.redeemTicket('unknown')).toBeUndefined();
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
