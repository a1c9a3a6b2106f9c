import { describe, expect, it } from 'vitest';
import { createLog, redactUrl } from './log.js';

function logged(write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  write(createLog('info', { write: (line: string) => void lines.push(line) }));
  return lines.join('');
}

describe('a URL in the log', () => {
  it.each([
    ['/ws/v1/device?token=fld_x', '/ws/v1/device?token=[redacted]'],
    ['/ws/v1/live?a=1&ticket=flt_x&b=2', '/ws/v1/live?a=1&ticket=[redacted]&b=2'],
    ['http://h/#/login?code=x', 'http://h/#/login?code=[redacted]'],
    ['/x?TOKEN=y#code=z', '/x?TOKEN=[redacted]#code=[redacted]'],
    ['/x?access_token=y&api_key=z', '/x?access_token=[redacted]&api_key=[redacted]'],
    ['/x?mytoken=1&points=5', '/x?mytoken=1&points=5'],
    [`/api/v1/fld_${'x'.repeat(43)}?q=fla_${'-'.repeat(43)}`, '/api/v1/[redacted]?q=[redacted]'],
    ['/api/v1/devices/fla_pole_12', '/api/v1/devices/fla_pole_12'],
  ])('%s becomes %s', (url, redacted) => expect(redactUrl(url)).toBe(redacted));
});

describe('the log', () => {
  it('keeps no secret, whichever field holds it', () => {
    const text = logged((log) => {
      const headers = { authorization: 'Bearer S1', cookie: 'fieldline_session=S2', host: 'h' };
      log.info({ headers, token: 'S3', body: { password: 'S4', ticket: 'S5' } }, 'x');
      log.info({ req: { method: 'GET', url: '/ws/v1/live?ticket=S6', headers } }, 'x');
      log.error({ err: new Error('GET /ws/v1/device?token=S7 failed') }, 'x');
    });
    expect(text).not.toMatch(/S[1-7]/);
    expect(text).toContain('"host":"h"');
    expect(text).toContain('/ws/v1/live?ticket=[redacted]');
  });

  it('keeps the codes of errors and events', () => {
    const text = logged((log) => {
      log.info({ code: 'boot_reused' }, 'x');
      log.error({ err: Object.assign(new Error('full'), { code: 'ENOSPC' }) }, 'x');
    });
    expect(text).toContain('"code":"boot_reused"');
    expect(text).toContain('"code":"ENOSPC"');
    expect(text).toContain('log.test.ts');
  });

  it('is JSON with the level as a word', () => {
    const line = JSON.parse(logged((log) => log.warn('careful')));
    expect(line).toMatchObject({ level: 'warn', msg: 'careful' });
    expect(Date.parse(line.time)).not.toBeNaN();
  });
});
