/** By whose word a command is sent: `user:<id>` or `token:<id>`, so that it is not sent when that counts no more. */
export const givers = `
  ALTER TABLE commands ADD COLUMN giver TEXT;
`;
