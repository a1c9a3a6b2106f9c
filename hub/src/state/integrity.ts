import { optionalText, text } from './column.js';
import { Connection } from './connection.js';
import { MIGRATIONS, migrate } from './migrations.js';
import { damaged } from './state-error.js';

/** "FLDL": tells a state file from any other SQLite file. */
export const APPLICATION_ID = 0x464c444c;

/** A damaged page can be reported many times over; a person needs only the first findings. */
const MAX_FINDINGS = 5;

/**
 * Proves that the file is a state file of the given version whose pages, rows and definitions hold together.
 * The definitions come first: with a damaged one every later answer would be meaningless.
 * @throws FieldlineError `state_damaged` with what was found
 */
export function checkIntegrity(connection: Connection, path: string, version: number): void {
  if (connection.pragma('application_id') !== APPLICATION_ID) {
    throw damaged(path, 'it is not a state file of Fieldline');
  }
  const expected = definitionsOf(version);
  if (definitions(connection) !== expected) {
    throw damaged(path, `its table definitions are not those of version ${version}`);
  }
  const findings = connection
    .select({ finding: text('quick_check') }, `FROM pragma_quick_check(${MAX_FINDINGS})`)
    .all()
    .map(({ finding }) => finding.replaceAll(/\s+/g, ' '));
  if (findings.length !== 1 || findings[0] !== 'ok') throw damaged(path, findings.join('; '));
}

/** All definitions of a file of that version, as SQLite keeps them. */
function definitionsOf(version: number): string {
  const memory = Connection.open(':memory:', 0);
  try {
    migrate(memory, 0, MIGRATIONS.slice(0, version));
    return definitions(memory);
  } finally {
    memory.close();
  }
}

function definitions(connection: Connection): string {
  const columns = {
    type: text('type'),
    name: text('name'),
    table: text('tbl_name'),
    sql: optionalText('sql'),
  };
  return JSON.stringify(connection.select(columns, 'FROM sqlite_schema ORDER BY type, name').all());
}
