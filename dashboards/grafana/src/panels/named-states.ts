import type { FieldDefaults } from '../model.js';

/** How named states look: their colours, in the order in which they are listed. */
export function namedStates(colors: Readonly<Record<string, string>>): FieldDefaults {
  const options = Object.fromEntries(
    Object.entries(colors).map(([state, color], index) => [state, { color, index }]),
  );
  return { color: { mode: 'fixed' }, mappings: [{ type: 'value', options }] };
}
