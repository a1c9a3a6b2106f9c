/**
 * Every word on the page, a file for each room. Short declaratives; the device is the subject; the time is exact; say
 * what still works; never blame. Sentence case.
 */
export { device, facts, log, quarantine, raw } from './strings/device.js';
export { fleet } from './strings/fleet.js';
export { lists } from './strings/lists.js';
export { login } from './strings/login.js';
export { recorder } from './strings/recorder.js';
export { link, sessionOver, shell, shortcuts } from './strings/shell.js';
export { sinkNames, system } from './strings/system.js';
export { stateWords, words } from './strings/words.js';
