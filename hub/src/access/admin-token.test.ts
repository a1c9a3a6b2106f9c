import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, TestState } from '../state/state.fixture.js';
import { type AdminToken, openAdminToken } from './admin-token.js';
import { ApiTokens } from './api-tokens.js';

let state: TestState;
let apiTokens: ApiTokens;
let path: string;

beforeEach(() => {
  state = new TestState();
  apiTokens = ApiTokens.open(state.file);
  path = join(state.directory, 'admin-token');
});

afterEach(() => {
  apiTokens.close();
  state.remove();
});

function open(configured: string | null = null): AdminToken {
  return openAdminToken({ apiTokens, dataDirectory: state.directory, configured });
}

describe('openAdminToken', () => {
  it('makes a token at the first start, in a file that only its owner can read', () => {
    const { token, origin, record } = open();
    expect(origin).toBe('created');
    expect(token).toMatch(/^fla_/);
    expect(readFileSync(path, 'utf8')).toBe(`${token}\n`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(apiTokens.verify(token)).toMatchObject({ id: record.id, role: 'admin' });
  });

  it('keeps it from then on', () => {
    const first = open();
    const second = open();
    expect(second).toMatchObject({ token: first.token, origin: 'file', path });
    expect(second.record.id).toBe(first.record.id);
  });

  it('takes the configured one, and no file is made', () => {
    const admin = open('from-the-environment');
    expect(admin).toMatchObject({ token: 'from-the-environment', origin: 'configuration', path: null });
    expect(existsSync(path)).toBe(false);
    expect(apiTokens.verify('from-the-environment')).toMatchObject({ role: 'admin' });
  });

  it('revokes the one before when the file or the configuration says otherwise', () => {
    const created = open();
    open('from-the-environment');
    expect(apiTokens.verify(created.token)).toBeUndefined();
    open();
    expect(apiTokens.verify(created.token)).toBeDefined();
    expect(apiTokens.verify('from-the-environment')).toBeUndefined();
    writeFileSync(path, 'written-by-hand');
    open();
    expect(apiTokens.verify('written-by-hand')).toBeDefined();
    expect(apiTokens.verify(created.token)).toBeUndefined();
    rmSync(path);
    expect(open().origin).toBe('created');
    expect(apiTokens.verify('written-by-hand')).toBeUndefined();
    expect(apiTokens.list()).toHaveLength(1);
  });

  it('takes rights from others that a copied file gives them', () => {
    open();
    chmodSync(path, 0o644);
    open();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each(['', 'short\n', 'two\nlines of text\n', 'mit Leerzeichen'])(
    'refuses a file that holds %j',
    (content) => {
      writeFileSync(path, content);
      expect(codeOf(() => open())).toBe('bad_admin_token');
      expect(readFileSync(path, 'utf8')).toBe(content);
    },
  );
});
