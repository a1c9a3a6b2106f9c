import { describe, expect, it } from 'vitest';
import { Selection } from './selection.js';

const order = ['a', 'b', 'c', 'd', 'e'];
const chosen = (selection: Selection) => [...selection.ids.value].sort().join('');

describe('Selection', () => {
  it('takes a device, and gives it back', () => {
    const selection = new Selection();
    selection.toggle('b');
    selection.toggle('d');
    expect(chosen(selection)).toBe('bd');
    selection.toggle('b');
    expect(chosen(selection)).toBe('d');
    selection.clear();
    expect(chosen(selection)).toBe('');
  });

  it('extends from the last one, in either direction, in the order of the list', () => {
    const selection = new Selection();
    selection.toggle('d');
    selection.extend('b', order);
    expect(chosen(selection)).toBe('bcd');
    selection.extend('e', order);
    expect(chosen(selection)).toBe('bcde');
  });

  it('takes one alone where nothing was taken before, or the last one is not in the list', () => {
    const selection = new Selection();
    selection.extend('c', order);
    expect(chosen(selection)).toBe('c');
    selection.extend('e', ['d', 'e']);
    expect(chosen(selection)).toBe('ce');
  });

  it('takes all that is shown, or gives it back, and leaves what is hidden alone', () => {
    const selection = new Selection();
    selection.toggle('e');
    selection.toggleAll(['a', 'b']);
    expect(chosen(selection)).toBe('abe');
    selection.toggleAll(['a', 'b']);
    expect(chosen(selection)).toBe('e');
  });
});
