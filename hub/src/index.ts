/**
 * The hub as a library, for a process that runs it beside something else, or a test:
 *
 * ```ts
 * const hub = await startHub(loadConfig(process.env), createLog('info'));
 * console.log(hub.url, hub.createLoginLink());
 * await hub.close();
 * ```
 *
 * The process keeps its signals, its umask and its thread pool (`UV_THREADPOOL_SIZE`, 8 for the command line): they
 * are the caller's.
 */
export { createLog } from './api/log.js';
export { type Hub, startHub } from './app.js';
export { type Config, ConfigError, loadConfig } from './config.js';
export { FieldlineError } from './errors.js';
