import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { loadProfiles, type Profile } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import { configSchema } from './config/schema.js';
import { FieldlineError } from './errors.js';

/**
 * Reads the device profiles of a directory, by name. Without the default directory the hub runs without profiles,
 * and says so; a directory that somebody named must be there.
 * @param directory relative to the working directory
 * @throws FieldlineError `profiles_unusable` when the directory cannot be read, ProfileError when a profile is wrong
 */
export async function openProfiles(
  directory: string,
  log: FastifyBaseLogger,
): Promise<ReadonlyMap<string, Profile>> {
  const path = resolve(directory);
  try {
    await readdir(path);
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing && directory === configSchema.properties.profiles.default) {
      log.warn(
        { directory: path },
        'there is no directory of profiles: devices have none (FIELDLINE_PROFILES)',
      );
      return new Map();
    }
    const reason = error instanceof Error ? error.message : String(error);
    const message =
      `The directory of profiles ${path} cannot be read: ${reason}. Set profiles (FIELDLINE_PROFILES) to a ` +
      'directory of profiles, or leave it out; an empty directory means no profiles.';
    throw new FieldlineError('profiles_unusable', message, { status: 503, cause: error });
  }
  return loadProfiles(directory);
}
