import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Notice } from './channel.js';
import { Email } from './email.js';

let server: SMTPServer;
let mails: string[];

beforeEach(async () => {
  mails = [];
  server = new SMTPServer({
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _session, done) => {
      if (username === 'hub' && password === 'p@ss') done(null, { user: 'hub' });
      else done(new Error('who is that?'));
    },
    onData: (stream, _session, done) => {
      let text = '';
      stream.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      stream.on('end', () => {
        mails.push(text);
        done();
      });
    },
  });
  server.on('error', () => undefined); // a client that hung up
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
});
afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));

const email = (password: string, tls: 'off' | 'starttls' = 'off') =>
  new Email(
    {
      ...{ host: '127.0.0.1', port: (server.server.address() as AddressInfo).port, tls },
      ...{ user: 'hub', password, from: 'Hub <hub@north.example>', to: ['a@x.example', 'b@x.example'] },
    },
    10,
    'http://hub/#/alarms',
  );
const notice = (event: string, text: string) => {
  return { event, at: 1_767_225_600_000, text, alarm: { level: 'stale' } } as unknown as Notice;
};

it('logs in, and writes to all in one e-mail', async () => {
  const channel = email('p@ss');
  await channel.send({ id: 'm1', notices: [notice('raised', 'Stale: no reading for 30 s, Room')] });
  channel.close();
  expect(mails).toHaveLength(1);
  expect(mails[0]).toContain('Subject: Stale: no reading for 30 s, Room');
  expect(mails[0]).toContain('To: a@x.example, b@x.example');
  expect(mails[0]).toContain('Message-ID: <m1@fieldline>');
  expect(mails[0]).toContain('2026-01-01 00:00:00 UTC');
});

it('counts in its subject what a message tells of, and names the first fifty', async () => {
  const many = Array.from({ length: 60 }, (_, at) => notice('raised', `Stale: d${at}.`));
  await email('p@ss').send({ id: 'm2', notices: [...many, notice('cleared', 'Cleared: e.')] });
  expect(mails[0]).toContain('Subject: 61 alarms: 60 stale, 1 cleared');
  expect(mails[0]).toContain('d49.');
  expect(mails[0]).not.toContain('d50.');
  expect(mails[0]).toMatch(/=E2=80=A6 and 11 more|… and 11 more/);
});

it('says in the server’s words why it could not, and never the password', async () => {
  const failed = email('wrong-secret').send({ id: 'm3', notices: [notice('raised', 'x')] });
  await expect(failed).rejects.toThrow(/^127\.0\.0\.1: Invalid login: 535 who is that\?/);
  await expect(failed).rejects.not.toThrow('wrong-secret');
});

it('sends nothing over a connection that is not secured where that is asked for', async () => {
  const failed = email('p@ss', 'starttls').send({ id: 'm4', notices: [notice('raised', 'x')] });
  await expect(failed).rejects.toThrow('127.0.0.1');
  expect(mails).toEqual([]);
});
