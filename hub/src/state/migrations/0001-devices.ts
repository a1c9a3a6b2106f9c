/** The registry of devices and their tokens. `hash` is the SHA-256 of the token in base64url. */
export const devices = `
  CREATE TABLE devices (
    id TEXT PRIMARY KEY,
    name TEXT,
    profile TEXT,
    tags TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE device_tokens (
    id TEXT PRIMARY KEY,
    device TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    hash TEXT NOT NULL UNIQUE,
    name TEXT,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    expires_at INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX device_tokens_device ON device_tokens (device);
`;
