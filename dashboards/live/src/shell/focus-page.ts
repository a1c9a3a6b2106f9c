/**
 * Gives the focus to the page that has just come, where nothing else has it: what had it is gone, and the next Tab would
 * begin at the top of the bar. Whoever listens hears that there is another page.
 */
export function focusPage(): void {
  const { activeElement } = document;
  if (activeElement === null || activeElement === document.body)
    document.getElementById('main')?.focus({ preventScroll: true });
}
