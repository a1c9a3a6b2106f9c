/**
 * API tokens and log-ins of the page. At most one token is the admin token of the data directory
 * (`is_admin_token`). A log-in ends with the token that it was made from (`granted_by`).
 */
export const access = `
  CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    is_admin_token INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    expires_at INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE UNIQUE INDEX api_tokens_admin ON api_tokens (is_admin_token) WHERE is_admin_token = 1;

  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    granted_by TEXT NOT NULL REFERENCES api_tokens (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX sessions_granted_by ON sessions (granted_by);
`;
