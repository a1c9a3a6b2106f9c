import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FilterTree, matches } from './filter-tree.js';

const level = fc.constantFrom('', 'a', 'b', '$SYS', 'constructor');
const topic = fc.array(level, { minLength: 1, maxLength: 5 }).map((levels) => levels.join('/'));
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, isOpen]) => [...levels, ...(isOpen ? ['#'] : [])].join('/'));

describe('matches', () => {
  it.each([
    ['#', 'a', true],
    ['#', 'a/b', true],
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['a/#', 'ab', false],
    ['+', 'a', true],
    ['+', 'a/b', false],
    ['+/+', '/a', true],
    ['/+', '/a', true],
    ['+', '/a', false],
    ['a/+', 'a/', true],
    ['a/+', 'a', false],
    ['a/+/c', 'a/b/c', true],
    ['#', '$SYS/x', false],
    ['+/x', '$SYS/x', false],
    ['$SYS/#', '$SYS/x', true],
    ['a', 'a', true],
    ['a', 'a/b', false],
  ])('%s and %s: %s', (wanted, named, expected) => {
    expect(matches(wanted, named)).toBe(expected);
  });
});

describe('FilterTree', () => {
  it('finds exactly the filters that match', () => {
    fc.assert(
      fc.property(
        fc.array(filter, { maxLength: 12 }),
        fc.array(filter, { maxLength: 6 }),
        topic,
        (added, removed, named) => {
          const tree = new FilterTree<string>();
          for (const each of added) tree.add(each, each);
          for (const each of removed) tree.remove(each, each);
          const held = [...new Set(added)].filter((each) => !removed.includes(each));
          expect(tree.size).toBe(held.length);
          expect(tree.match(named).sort()).toEqual(held.filter((each) => matches(each, named)).sort());
        },
      ),
    );
  });

  it('holds nothing when everything was removed', () => {
    const tree = new FilterTree<number>();
    tree.add('a/b/#', 1);
    tree.add('a/b/#', 2);
    tree.remove('a/b/#', 1);
    tree.remove('a/b/#', 1);
    expect(tree.match('a/b')).toEqual([2]);
    tree.remove('a/b/#', 2);
    expect(tree.size).toBe(0);
  });
});
