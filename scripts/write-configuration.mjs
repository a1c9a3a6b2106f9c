// Writes docs/configuration.md from the configuration's schema. With --check, only says whether it is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configMarkdown } from '../hub/dist/config.js';

const file = fileURLToPath(new URL('../docs/configuration.md', import.meta.url));
const text = `# Configuration

Every key can stand in a YAML file (\`--config FILE\` or \`FIELDLINE_CONFIG\`) or in the environment, which wins. A key
that does not exist or a value that is not allowed stops the start and is named. \`npx fieldline config\` prints what
is in effect, with secrets masked. This page is written by \`node scripts/write-configuration.mjs\`.

\`FIELDLINE_URL\` and \`FIELDLINE_API_TOKEN\` belong to the command line: where the hub is, and who asks.

${configMarkdown()}`;
if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') === text) process.exit(0);
  console.error('docs/configuration.md is not what the schema says: node scripts/write-configuration.mjs');
  process.exit(1);
}
writeFileSync(file, text);
