import type { AttemptView } from '@fieldline/protocol';
import { DEVICE_TOKEN_PREFIX } from '../access/device-tokens.js';
import { newSecret } from '../access/secret.js';

const LENGTH = newSecret(DEVICE_TOKEN_PREFIX).length;
/** Longer than anything that somebody meant as a token. */
const MAX_LENGTH = 9_999;

/** What is wrong with the look of a refused token, for the one who has it before them. Nothing of it is kept. */
export function readToken(token: string | undefined): Pick<AttemptView, 'tokenFault' | 'tokenLength'> {
  if (token === undefined) return { tokenFault: null, tokenLength: null };
  return { tokenFault: faultOf(token), tokenLength: Math.min(token.length, MAX_LENGTH) };
}

function faultOf(token: string): NonNullable<AttemptView['tokenFault']> {
  if (token === '') return 'missing';
  if (/[\s\p{Cc}]/u.test(token)) return 'spaces';
  if (!token.startsWith(DEVICE_TOKEN_PREFIX)) return /^fl[a-z]_/.test(token) ? 'other_kind' : 'unknown';
  if (token.length < LENGTH) return 'cut_off';
  return token.length > LENGTH ? 'too_long' : 'unknown';
}
