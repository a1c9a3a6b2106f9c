import type { Page, PageQuery } from '@fieldline/protocol';

/**
 * A page of a list that is short enough to be in memory, in the list's own order. The cursor is the last item
 * that was seen, so that items which come meanwhile shift nothing; when that one is gone, the list begins anew.
 */
export function paginate<Item extends { readonly id: string }>(
  items: readonly Item[],
  { limit, cursor }: PageQuery,
): Page<Item> {
  const start = cursor === undefined ? 0 : items.findIndex(({ id }) => id === cursor) + 1;
  const page = items.slice(start, start + limit);
  const last = page.at(-1);
  return { items: page, next: last === undefined || start + limit >= items.length ? null : last.id };
}
