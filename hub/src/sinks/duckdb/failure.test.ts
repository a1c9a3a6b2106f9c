import { expect, test } from 'vitest';
import { failureOf, HistoryFailure } from './failure.js';
import { startError } from './start-error.js';

/** As DuckDB 1.5 wrote them when each was provoked. */
test.each([
  [
    'IO Error: Could not set lock on file "/d/history.duckdb": Conflicting lock is held in node (PID 7)',
    'locked',
  ],
  [
    'FATAL Error: Failed: database has been invalidated because of a previous fatal error. Original error: "IO Error: Could not write all bytes to file: No space left on device"',
    'full',
  ],
  [
    'IO Error: Corrupt database file: computed checksum 3 does not match stored checksum 8 in block at location 0',
    'damaged',
  ],
  [
    'IO Error: Failure while replaying WAL file "h.wal": Corrupt WAL file: entry at byte position 24',
    'damaged',
  ],
  ['IO Error: The file "h" exists, but it is not a valid DuckDB database file!', 'damaged'],
  [
    'IO Error: Could not read enough bytes from file "h": attempted to read 4096 bytes from location 8192',
    'damaged',
  ],
  ['INTERRUPT Error: Interrupted!', 'overload'],
  ['Out of Memory Error: failed to allocate data of size 16.0 KiB (1.0 GiB/1.0 GiB used)', 'overload'],
  ['Catalog Error: Table with name hot_5 does not exist!', 'internal'],
])('%s is of kind %s', (message, kind) => {
  expect(failureOf(new Error(message))).toEqual({ kind, message });
});

test('a start error says what to move aside', () => {
  const told = (message: string) => startError(new HistoryFailure('damaged', message), '/d/h')?.message;
  expect(told('Corrupt database file')).toMatch(/\/d\/h and \/d\/h\.wal .*Move them aside and start again/);
  expect(told('Corrupt WAL file')).toMatch(/\/d\/h\.wal .*Move it aside and start again/);
  expect(startError(new HistoryFailure('full', 'no space'), '/d/h')).toBeUndefined();
});
