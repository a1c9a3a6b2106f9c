/** Words of lists that come page by page. */
export const lists = {
  more: 'Show more',
  failedHead: 'The list did not arrive.',
  failedBody: (reason: string) => `The hub said: ${reason}.`,
  askAgain: 'Ask again',
} as const;
