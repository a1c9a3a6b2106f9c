import { describe, expect, it } from 'vitest';
import { Closers } from './closers.js';

describe('Closers', () => {
  it('closes in reverse, once, and goes on after a failure', async () => {
    const closed: string[] = [];
    const closers = new Closers();
    closers.add(() => void closed.push('state'));
    closers.add(async () => {
      closed.push('journal');
      throw new Error('disk gone');
    });
    closers.add(async () => void closed.push('server'));
    await expect(closers.close()).rejects.toThrow('disk gone');
    await closers.close();
    expect(closed).toEqual(['server', 'journal', 'state']);
  });
});
