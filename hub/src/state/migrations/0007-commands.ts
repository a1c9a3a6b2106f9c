/**
 * Commands with what became of them, configurations of devices, the keys that make a repeated request harmless, and the audit. Commands of a
 * deleted device go with it; what the audit says of it stays. The audit is append-only: its rows cannot be changed,
 * and only the oldest can be deleted, when it is full.
 */
export const commands = `
  CREATE TABLE commands (
    id TEXT PRIMARY KEY,
    device TEXT NOT NULL,
    name TEXT NOT NULL,
    params TEXT NOT NULL,
    state TEXT NOT NULL,
    queue INTEGER NOT NULL,
    ttl INTEGER NOT NULL,
    timeout INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    sent_at INTEGER,
    accepted_at INTEGER,
    finished_at INTEGER,
    boot TEXT,
    result TEXT NOT NULL,
    error_code TEXT,
    error_message TEXT,
    verification TEXT,
    given_by TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX commands_device ON commands (device, id);
  CREATE INDEX commands_state ON commands (state, id);
  CREATE INDEX commands_verification ON commands (verification) WHERE verification = 'pending';

  CREATE TRIGGER devices_deleted_commands AFTER DELETE ON devices BEGIN
    DELETE FROM commands WHERE device = OLD.id;
  END;

  CREATE TABLE idempotency_keys (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    command TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

  CREATE TABLE device_configs (
    device TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    desired TEXT NOT NULL,
    reported TEXT NOT NULL,
    state TEXT NOT NULL,
    code TEXT,
    message TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE TRIGGER devices_deleted_configs AFTER DELETE ON devices BEGIN
    DELETE FROM device_configs WHERE device = OLD.id;
  END;

  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    address TEXT,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    result TEXT NOT NULL,
    details TEXT NOT NULL
  ) STRICT;

  CREATE INDEX audit_subject ON audit (subject, id);
  CREATE INDEX audit_actor ON audit (actor, id);

  CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
  END;

  CREATE TRIGGER audit_kept BEFORE DELETE ON audit
  WHEN OLD.id > (SELECT max(id) FROM audit) - 1000000 BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
  END;
`;
