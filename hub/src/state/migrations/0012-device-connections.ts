/** What befell the connection of each device. Written in groups, like the other records of devices. */
export const deviceConnections = `
  CREATE TABLE device_connections (
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    reason TEXT,
    boot TEXT,
    from_at INTEGER,
    to_at INTEGER,
    readings INTEGER
  ) STRICT;

  CREATE INDEX device_connections_device ON device_connections (device, id);

  CREATE TRIGGER devices_deleted_connections AFTER DELETE ON devices BEGIN
    DELETE FROM device_connections WHERE device = OLD.id;
  END;
`;
