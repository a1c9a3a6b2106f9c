#!/usr/bin/env node
// For health checks of containers: exits with 0 while the hub on this machine can make readings durable.
const port = process.env.FIELDLINE_PORT ?? '8080';
const scheme = process.env.FIELDLINE_TLS_CERT ? 'https' : 'http';
// A certificate names the hub's own address, not this one, and nothing but "ready" is asked here.
if (scheme === 'https') process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';

fetch(`${scheme}://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_500) }).then(
  ({ ok }) => process.exit(ok ? 0 : 1),
  () => process.exit(1),
);
