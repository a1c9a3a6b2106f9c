import type { DeviceChanges, DeviceView, IssuedToken, Page, TokenView } from '@fieldline/protocol/browser';
import { api } from './client.js';

/** What the page has the hub do to a device itself. Each throws `ApiError`. */

/** What is absent stays; `tags` replaces all of them. */
export const changeDevice = (id: string, changes: DeviceChanges): Promise<DeviceView> =>
  api.changeDevice(id, changes);
export const removeDevice = (id: string): Promise<void> => api.removeDevice(id);

export const tokens = (id: string, cursor?: string): Promise<Page<TokenView>> =>
  api.tokens(id).page(cursor, { limit: 100 });
/** Makes one more token; it is in this answer only. */
export const addToken = (id: string, name: string): Promise<IssuedToken> =>
  api.addToken(id, name === '' ? {} : { name });
export const revokeToken = (id: string, token: string): Promise<void> => api.revokeToken(id, token);
