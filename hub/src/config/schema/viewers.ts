import Type from 'typebox';
import { integer, ms, toggle } from '../setting.js';

const HOUR_MS = 3_600_000;

/** How long log-ins of the page last. */
export const sessionSettings = Type.Object({
  idleMs: ms({
    default: 12 * HOUR_MS,
    minimum: 60_000,
    maximum: 366 * 24 * HOUR_MS,
    description: 'How long a log-in of the page lasts that is not used.',
  }),
  absoluteMs: ms({
    default: 30 * 24 * HOUR_MS,
    minimum: 60_000,
    maximum: 366 * 24 * HOUR_MS,
    description: 'How long a log-in of the page lasts at most.',
  }),
});

/** Who may read the counters. */
export const metricsSettings = Type.Object({
  public: toggle({ default: false, description: 'Serve GET /metrics without a token.' }),
});

/** Limits of live sockets. */
export const liveSettings = Type.Object({
  maxViewers: integer({
    default: 1_000,
    minimum: 1,
    maximum: 1_000_000,
    description: 'Viewer sockets that may be open at once.',
  }),
  maxViewersPerPrincipal: integer({
    default: 200,
    minimum: 1,
    maximum: 1_000_000,
    description: 'Viewer sockets that one user, or one API token, may have open at once.',
  }),
});
