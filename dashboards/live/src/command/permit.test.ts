import { describe, expect, it } from 'vitest';
import { barOf } from './permit.js';

const device = { disabled: false, caps: ['command'] } as const;

describe('barOf', () => {
  it('asks for the role first', () => {
    expect(barOf({ disabled: true, caps: [] }, 'viewer', 'command')).toBe('role');
    expect(barOf(device, 'operator', 'command')).toBeNull();
    expect(barOf(device, 'admin', 'command')).toBeNull();
  });

  it('knows what the device declared, and does not guess before it has', () => {
    expect(barOf({ disabled: false, caps: ['config'] }, 'operator', 'command')).toBe('caps');
    expect(barOf({ disabled: false, caps: null }, 'operator', 'command')).toBeNull();
    expect(barOf({ ...device, disabled: true }, 'operator', 'command')).toBe('disabled');
  });

  it('lets a configuration wait', () => {
    expect(barOf({ disabled: true, caps: [] }, 'operator', 'config')).toBeNull();
  });
});
