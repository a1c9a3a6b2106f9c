/** The first of a list, at most `limit`, and whether there are more. */
export async function firstOf<Item>(
  list: AsyncIterable<Item>,
  limit: number,
): Promise<{ items: Item[]; hasMore: boolean }> {
  const items: Item[] = [];
  for await (const item of list) {
    if (items.length === limit) return { items, hasMore: true };
    items.push(item);
  }
  return { items, hasMore: false };
}
