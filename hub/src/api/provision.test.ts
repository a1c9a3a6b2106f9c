import type { NewClaim } from '@fieldline/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entriesOf } from '../state/state.fixture.js';
import { ADMIN_TOKEN, bearer, NOW, type OpenApi, openApi } from './api.fixture.js';
import { call } from './described.fixture.js';

const admin = bearer(ADMIN_TOKEN);
const DAY_MS = 86_400_000;
const MAC = 'a4:cf:12:ff:3e:10';

let api: OpenApi;

beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const post = (url: string, payload?: object, headers: Record<string, string> = admin) =>
  call(api.app, { method: 'POST', url: `/api/v1${url}`, headers, ...(payload && { payload }) });
const makeClaim = async (more: Partial<NewClaim> = {}) =>
  (await post('/claims', { profile: 'env-sensor', ...more })).json();
/** As a device asks: without a token, under any host name, from an address of its own. */
const provision = (payload: object, remoteAddress = '192.0.2.1') =>
  call(api.app, {
    method: 'POST',
    url: '/api/v1/provision',
    headers: { host: 'gateway.lan' },
    payload,
    remoteAddress,
  });
const audited = (action: string) => entriesOf(api.audit, { action });
const use = (token: string) => expect(api.deviceTokens.verify(token)).toBeDefined();

describe('a claim key', () => {
  it('is shown once, and is good for one device and one day by default', async () => {
    const { claim, ...view } = await makeClaim();
    expect(claim).toMatch(/^flc_/);
    expect(view).toMatchObject({ profile: 'env-sensor', limit: 1, used: 0, approval: false, renew: false });
    expect(view).toMatchObject({
      expiresAt: NOW + DAY_MS,
      createdBy: 'token:admin',
      idPrefix: 'env-sensor-',
    });
    const listed = await call(api.app, { url: '/api/v1/claims', headers: admin });
    expect(listed.json().items).toEqual([view]);
    expect(JSON.stringify(entriesOf(api.audit))).not.toContain(claim);
  });

  it.each([
    { profile: 'nothing' },
    { limit: 0 },
    { expiresAt: NOW },
    { expiresAt: NOW + 400 * DAY_MS },
    { idPrefix: '-x' },
    { tags: { 'a b': 'c' } },
  ])('is not made from %j', async (more) => {
    expect((await post('/claims', { profile: 'env-sensor', ...more })).statusCode).toBe(422);
  });

  it('makes devices within its scope and number', async () => {
    const { claim } = await makeClaim({ limit: 2, tags: { site: 'north' }, idPrefix: 'n-' });
    const first = await provision({ claim, hardwareId: MAC, name: 'Kitchen' });
    expect(first.statusCode).toBe(201);
    expect(first.json()).toEqual({ id: 'n-a4cf12ff3e10', token: expect.any(String), profile: 'env-sensor' });
    expect(api.deviceTokens.verify(first.json().token)).toMatchObject({ device: 'n-a4cf12ff3e10' });
    expect(api.registry.get('n-a4cf12ff3e10')).toMatchObject({
      profile: 'env-sensor',
      tags: { site: 'north' },
      name: 'Kitchen',
    });
    const second = await provision({ claim });
    expect(second.json().id).toMatch(/^n-[0-9a-f]{8}$/);
    expect((await provision({ claim })).json()).toMatchObject({ status: 409, code: 'claim_used_up' });
    expect(audited('claim.exchanged')).toHaveLength(2);
  });

  it('never reaches a device that was there before', async () => {
    api.registry.create({ id: 'n-b1' });
    const { claim } = await makeClaim({ idPrefix: 'n-' });
    expect((await provision({ claim, hardwareId: 'b1' })).json().id).toMatch(/^n-[0-9a-f]{8}$/);
  });

  it('gives fresh tokens while none was used, and no more after that', async () => {
    const { claim } = await makeClaim();
    const ask = () => provision({ claim, hardwareId: MAC });
    const [lost, kept] = [(await ask()).json(), (await ask()).json()];
    expect(kept.id).toBe(lost.id);
    expect(api.deviceTokens.verify(lost.token)).toBeUndefined();
    use(kept.token);
    expect((await ask()).json()).toMatchObject({ status: 409, code: 'already_claimed' });
    use(kept.token);
  });

  it('gives tokens again where it says so, but not for what was revoked, disabled or deleted', async () => {
    const { claim } = await makeClaim({ renew: true, limit: 3 });
    const barred: ((device: string, token: string) => void)[] = [
      (device) => api.deviceTokens.revoke(device, api.deviceTokens.list(device)[0]?.id ?? ''),
      (device) => api.registry.update(device, { disabled: true }),
      (device) => api.registry.delete(device),
    ];
    for (const [n, bar] of barred.entries()) {
      const ask = () => provision({ claim, hardwareId: `board-${n}` }, `192.0.2.${n}`);
      use((await ask()).json().token);
      const { id, token } = (await ask()).json();
      use(token);
      bar(id, token);
      expect((await ask()).json()).toMatchObject({ status: 403, code: 'claim_rejected' });
    }
  });

  it('is nothing when it is unknown, removed or expired', async () => {
    expect((await provision({ claim: 'flc_guess' })).json()).toMatchObject({
      status: 401,
      code: 'bad_claim',
    });
    const { claim, id } = await makeClaim();
    const gone = await call(api.app, { method: 'DELETE', url: `/api/v1/claims/${id}`, headers: admin });
    expect(gone.statusCode).toBe(204);
    expect((await provision({ claim })).json()).toMatchObject({ code: 'bad_claim' });
    const again = await call(api.app, { method: 'DELETE', url: `/api/v1/claims/${id}`, headers: admin });
    expect(again.json()).toMatchObject({ status: 404, code: 'claim_not_found' });
  });

  it('is not guessed: who fails too often waits, and little of it is audited', async () => {
    for (let n = 0; n < 10; n += 1) await provision({ claim: `flc_${n}` });
    const { claim } = await makeClaim();
    expect((await provision({ claim })).json()).toMatchObject({ status: 429, code: 'too_many_attempts' });
    expect((await provision({ claim }, '192.0.2.2')).statusCode).toBe(201);
    expect(audited('claim.refused')).toHaveLength(1);
  });

  it.each([
    {},
    { claim: 7 },
    { claim: 'x', hardwareId: 'a b' },
    { claim: 'x', poll: 'y' },
    { claim: 'x', id: 'y' },
  ])('is not exchanged by %j', async (payload) => expect((await provision(payload)).statusCode).toBe(422));

  it('that is misspelt is named once, though a body may have two shapes', async () => {
    const { errors } = (await provision({ claims: 'flc_x' })).json();
    expect(errors).toEqual([
      { path: 'body.claim', message: 'is missing' },
      { path: 'body.claims', message: 'is not known here' },
      { path: 'body.poll', message: 'is missing' },
    ]);
  });
});

describe('a claim key with approval', () => {
  const waitingList = async () =>
    (await call(api.app, { url: '/api/v1/claims/pending', headers: api.as('operator') })).json().items;
  const approve = (id: string) => post(`/claims/pending/${id}/approve`, undefined, api.as('operator'));

  it('lets a device wait until an operator has decided', async () => {
    const { claim, id: claimId } = await makeClaim({ approval: true });
    const asked = await provision({ claim, hardwareId: MAC });
    expect(asked.statusCode).toBe(202);
    expect(asked.headers['retry-after']).toBe('10');
    const { poll } = asked.json();
    expect((await provision({ poll })).json()).toEqual({ status: 'pending', retryAfter: 10_000 });
    const [waiting] = await waitingList();
    expect(waiting).toMatchObject({ claim: claimId, hardwareId: MAC, address: '192.0.2.1', device: null });
    expect([...api.registry.all()]).toEqual([]);
    expect((await approve(waiting.id)).json()).toMatchObject({ device: 'env-sensor-a4cf12ff3e10' });
    expect((await approve(waiting.id)).json()).toMatchObject({ status: 409, code: 'not_pending' });
    const { token } = (await provision({ poll })).json();
    use(token);
    expect((await provision({ poll })).json()).toMatchObject({ status: 409, code: 'already_claimed' });
    expect(audited('claim.approved')).toMatchObject([
      { actor: 'token:a operator', subject: 'device:env-sensor-a4cf12ff3e10' },
    ]);
  });

  it('turns a device away, and has room for another', async () => {
    const { claim } = await makeClaim({ approval: true });
    const { poll } = (await provision({ claim, hardwareId: MAC })).json();
    expect((await provision({ claim })).json()).toMatchObject({ code: 'claim_used_up' });
    const [{ id }] = await waitingList();
    expect((await post(`/claims/pending/${id}/reject`, undefined, api.as('operator'))).statusCode).toBe(204);
    expect((await provision({ poll })).json()).toMatchObject({ status: 403, code: 'claim_rejected' });
    expect((await provision({ claim, hardwareId: MAC })).json()).toMatchObject({ code: 'claim_rejected' });
    expect((await provision({ claim })).statusCode).toBe(202);
  });

  it('knows a device again that forgot its secret, from the same address only', async () => {
    const { claim } = await makeClaim({ approval: true });
    const old = (await provision({ claim, hardwareId: MAC })).json();
    expect((await provision({ claim, hardwareId: MAC }, '192.0.2.66')).json()).toMatchObject({
      code: 'already_claimed',
    });
    const { poll } = (await provision({ claim, hardwareId: MAC })).json();
    expect((await provision({ poll: old.poll })).json()).toMatchObject({ code: 'bad_claim' });
    expect(await waitingList()).toHaveLength(1);
    await approve((await waitingList())[0].id);
    expect((await provision({ poll })).statusCode).toBe(201);
  });

  it('asks again before a device that was there gets another token', async () => {
    const { claim } = await makeClaim({ approval: true, renew: true });
    await provision({ claim, hardwareId: MAC });
    await approve((await waitingList())[0].id);
    const before = (await provision({ claim, hardwareId: MAC })).json();
    use(before.token);
    const { poll } = (await provision({ claim, hardwareId: MAC })).json();
    use(before.token);
    await approve((await waitingList())[0].id);
    expect(api.deviceTokens.verify(before.token)).toBeUndefined();
    const after = (await provision({ poll })).json();
    expect(after.id).toBe(before.id);
    use(after.token);
  });
});
