const two = (figure: number): string => String(figure).padStart(2, '0');

/** A time as a field of the kind `datetime-local` has it, in the viewer's zone: 2026-11-20T14:03:20. */
export function localTime(t: number): string {
  const date = new Date(t);
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day}T${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}

/** What such a field says, in ms since 1970; undefined where it says nothing. */
export function timeOf(text: string): number | undefined {
  const t = new Date(text).getTime();
  return Number.isFinite(t) ? t : undefined;
}
