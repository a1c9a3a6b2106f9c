import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UNIT_ALIASES, UNITS, unitOf } from './units.js';

describe('units', () => {
  it('knows at least forty, each by one code', () => {
    expect(UNITS.length).toBeGreaterThanOrEqual(40);
    expect(new Set(UNITS.map((unit) => unit.code)).size).toBe(UNITS.length);
  });

  it('names every unit in every place', () => {
    for (const unit of UNITS) {
      expect(unitOf(unit.code)).toBe(unit);
      expect(unit.name).not.toBe('');
      expect(unit.grafana).toMatch(/^(?:suffix:\S.*|[A-Za-zµμ]\w*(?:μ\w+)?)$/);
      expect(unit.symbol === '').toBe(unit.code === '1');
      expect(unit.homeAssistantUnit).not.toBe('');
      if (unit.homeAssistantClass !== null) expect(unit.homeAssistantClass).toMatch(/^[a-z_]+$/);
    }
  });

  it('resolves other spellings, none of which hides a code', () => {
    const codes = new Set(UNITS.map((unit) => unit.code));
    for (const [alias, code] of UNIT_ALIASES) {
      expect(codes).toContain(code);
      expect(codes).not.toContain(alias);
      expect(unitOf(alias).code).toBe(code);
    }
  });

  it('shows what it does not know as it is written', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        fc.pre(!UNITS.some((unit) => unit.code === text) && !UNIT_ALIASES.has(text));
        expect(unitOf(text)).toMatchObject({ code: text, symbol: text, homeAssistantClass: null });
      }),
    );
    expect(unitOf('toString').symbol).toBe('toString');
  });

  it('tells Home Assistant no unit where its class takes none', () => {
    expect(unitOf('[pH]')).toMatchObject({ homeAssistantClass: 'ph', homeAssistantUnit: null });
    expect(unitOf('Cel')).toMatchObject({ symbol: '°C', grafana: 'celsius', homeAssistantUnit: '°C' });
  });
});
