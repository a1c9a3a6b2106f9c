#!/usr/bin/env node
// For health checks of containers: exits with 0 while the hub on this machine can make readings durable.
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

// A certificate names the hub's own address, not this one, and nothing but "ready" is asked here. Node would warn of it
// each time, into the log of the health check.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');

import(pathToFileURL(join(__dirname, '../bundle/healthy.js')).href)
  .then(({ isHealthy }) => isHealthy(process.env))
  .then((isWell) => process.exit(isWell ? 0 : 1));
