import { describe, expect, it } from 'vitest';
import { tilesWindow } from './tiles-layout.js';

describe('tilesWindow', () => {
  it('makes what is in the window, whole rows of it, with three to spare on each side', () => {
    expect(tilesWindow(10_000, 7, 0, 800)).toEqual({ from: 0, to: 11 * 7, above: 0, height: 1429 * 112 - 8 });
    expect(tilesWindow(10_000, 7, 1_120, 800)).toMatchObject({ from: 49, to: 7 * (18 + 3), above: 7 * 112 });
  });

  it('ends with the last tile, however far it is scrolled', () => {
    expect(tilesWindow(10, 4, 0, 800)).toEqual({ from: 0, to: 10, above: 0, height: 3 * 112 - 8 });
    expect(tilesWindow(10, 4, 90_000, 800)).toMatchObject({ from: 8, to: 10 });
    expect(tilesWindow(0, 4, 0, 800)).toEqual({ from: 0, to: 0, above: 0, height: 0 });
  });
});
