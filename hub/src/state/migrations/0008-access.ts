/**
 * Users, the networks that each has logged in from, log-ins made by users (by a token before), claim keys and
 * the devices that came with one (`enrolments`). The device of an enrolment may be deleted: it stays, so that
 * the same hardware does not come back by the same key.
 */
export const users = `
  CREATE TABLE users (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE,
    role TEXT NOT NULL,
    password TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE user_networks (
    user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    network TEXT NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (user, network)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE sessions_of_both (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    token TEXT REFERENCES api_tokens (id) ON DELETE CASCADE,
    user TEXT REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    CHECK ((token IS NULL) <> (user IS NULL))
  ) STRICT, WITHOUT ROWID;

  INSERT INTO sessions_of_both (id, hash, name, role, token, created_at, last_seen_at)
    SELECT id, hash, name, role, granted_by, created_at, last_seen_at FROM sessions;
  DROP TABLE sessions;
  ALTER TABLE sessions_of_both RENAME TO sessions;
  CREATE INDEX sessions_token ON sessions (token);
  CREATE INDEX sessions_user ON sessions (user);

  CREATE TABLE claims (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    name TEXT,
    profile TEXT NOT NULL,
    tags TEXT NOT NULL,
    id_prefix TEXT NOT NULL,
    approval INTEGER NOT NULL,
    renew INTEGER NOT NULL,
    device_limit INTEGER NOT NULL,
    used INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used_at INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE enrolments (
    id TEXT PRIMARY KEY,
    claim TEXT NOT NULL REFERENCES claims (id) ON DELETE CASCADE,
    hardware_id TEXT,
    name TEXT,
    network TEXT NOT NULL,
    address TEXT NOT NULL,
    poll_hash TEXT UNIQUE,
    state TEXT NOT NULL,
    device TEXT REFERENCES devices (id) ON DELETE SET NULL,
    token TEXT,
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE UNIQUE INDEX enrolments_hardware ON enrolments (claim, hardware_id) WHERE hardware_id IS NOT NULL;
  CREATE INDEX enrolments_state ON enrolments (state, created_at, id);
  CREATE INDEX enrolments_device ON enrolments (device);
`;
