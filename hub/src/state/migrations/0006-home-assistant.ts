/**
 * What Home Assistant was told, by the topic that it was told under: only who knows that can clear it later,
 * when the device, a metric or the topic's prefix is gone. So there is no reference to the devices here.
 */
export const homeAssistant = `
  CREATE TABLE home_assistant_announced (
    topic TEXT PRIMARY KEY,
    components TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
`;
