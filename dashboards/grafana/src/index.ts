export { rulesBefore } from './alerting/rules-before.js';
export { generate } from './generate.js';
export { deviceBoardPath } from './links.js';
export { DEFAULT_OPTIONS, type GenerateOptions } from './options.js';
export { compareTree, type TreeDifference, writeTree } from './tree.js';
