import type pico from 'picocolors';
import type { Summary } from '../tally.js';

type Colors = ReturnType<typeof pico.createColors>;

const figures = new Intl.NumberFormat('en');
const count = (value: number) => figures.format(value);

/** The fleet's state in one line, for a terminal that rewrites it. `before` is what it said last time. */
export function progressLine(now: Summary, before: Pick<Summary, 'sent' | 'elapsedMs'>): string {
  const seconds = (now.elapsedMs - before.elapsedMs) / 1_000;
  const rate = seconds > 0 ? Math.round((now.sent - before.sent) / seconds) : 0;
  const parts = [
    `${count(now.online)}/${count(now.devices)} online`,
    `${count(rate)}/s`,
    `sent ${count(now.sent)}`,
    `acked ${count(now.acked)}`,
  ];
  if (now.rejected > 0) parts.push(`rejected ${count(now.rejected)}`);
  if (now.latencyMs !== null) parts.push(`p50 ${ms(now.latencyMs.p50)}`, `p99 ${ms(now.latencyMs.p99)}`);
  return parts.join('  ');
}

/** The summary at the end, one fact a line. */
export function report(summary: Summary, colors: Colors): string[] {
  const { bold, dim, red, yellow } = colors;
  const seconds = summary.elapsedMs / 1_000;
  const rate = seconds > 0 ? Math.round(summary.sent / seconds) : 0;
  const unacked = summary.sent - summary.acked;
  const facts: [string, string][] = [
    ['devices', count(summary.devices)],
    ['time', `${seconds.toFixed(1)} s`],
    ['sent', `${bold(count(summary.sent))} messages  ${dim(`${count(rate)}/s`)}`],
    ['acked', `${bold(count(summary.acked))}${unacked > 0 ? yellow(`  ${count(unacked)} not`) : ''}`],
    ['rejected', byCode(summary.rejected, summary.rejects, red)],
    ['resent', count(summary.resent)],
    ['missed', summary.missed > 0 ? yellow(count(summary.missed)) : '0'],
    ['reconnects', count(summary.reconnects)],
    ['latency', latency(summary)],
  ];
  const errors = Object.values(summary.errors).reduce((sum, times) => sum + times, 0);
  if (errors > 0) facts.push(['errors', byCode(errors, summary.errors, red)]);
  return facts.map(([name, value]) => `${name.padEnd(10)}  ${value}`);
}

function byCode(total: number, codes: Readonly<Record<string, number>>, color: Colors['red']): string {
  if (total === 0) return '0';
  const parts = Object.entries(codes).map(([code, times]) => `${code} ${count(times)}`);
  return color(`${count(total)}  ${parts.join(', ')}`);
}

function latency({ latencyMs }: Summary): string {
  if (latencyMs === null) return 'no ack came';
  return `p50 ${ms(latencyMs.p50)}  p99 ${ms(latencyMs.p99)}  max ${ms(latencyMs.max)}`;
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
