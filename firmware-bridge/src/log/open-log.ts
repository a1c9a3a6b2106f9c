import type { Writable } from 'node:stream';
import { type Logger, pino } from 'pino';
import { PinoPretty as pretty } from 'pino-pretty';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** The bridge's log: JSON lines for machines, or lines that people read. No secret is ever put into it. */
export function openLog(level: string, { json, stream, colors }: LogStyle): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (json) return pino(options, stream);
  const destination = pretty({
    destination: stream,
    sync: true,
    colorize: colors,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'port',
    messageFormat: '{if port}{port}: {end}{msg}',
  });
  return pino(options, destination);
}

export interface LogStyle {
  readonly json: boolean;
  readonly stream: Writable;
  readonly colors: boolean;
}
