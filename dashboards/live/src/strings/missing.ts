/** Words for an address that leads nowhere. */
export const missing = {
  title: 'There is no such page',
  body: 'The link may have been cut off on its way here.',
  go: 'Show the fleet',
} as const;
