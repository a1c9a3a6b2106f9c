import Type from 'typebox';
import { sizeInBytes } from '../read-value.js';
import { integer, text } from '../setting.js';

/** Measured: 600,000 readings of 500 devices are written and sorted with 32 MB; with 16 MB DuckDB gives up. */
export const LEAST_DUCKDB_MEMORY = '32MB';

/** The embedded history. */
export const duckdbSettings = Type.Object({
  memory: text({
    default: '128MB',
    description: 'Memory that the embedded history may use.',
    pattern: '^[1-9][0-9]{0,5}(\\.[0-9]{1,3})?(KB|MB|GB|TB|KiB|MiB|GiB|TiB)$',
    allowed: `a size of at least ${LEAST_DUCKDB_MEMORY}, such as 256MB or 1GiB`,
    check: checkDuckDbMemory,
  }),
  retentionDays: integer({
    default: 0,
    minimum: 0,
    maximum: 36_500,
    description: 'Days that the embedded history keeps readings; 0 keeps them for ever.',
  }),
});

function checkDuckDbMemory(value: unknown): string | undefined {
  const isEnough = (sizeInBytes(value) ?? 0) >= (sizeInBytes(LEAST_DUCKDB_MEMORY) ?? 0);
  return isEnough ? undefined : `${value} is too little`;
}
