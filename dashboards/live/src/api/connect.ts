import type {
  AttemptView,
  ClaimView,
  ConnectionView,
  DeviceView,
  EnrolmentView,
  IssuedClaim,
  IssuedToken,
  NewClaim,
  NewDevice,
  Page,
  QuarantineItem,
  RegisteredDevice,
} from '@fieldline/protocol/browser';
import { ApiError, api } from './client.js';

/** What the page asks the hub about new devices. Each throws `ApiError`. */

/** How devices reach the hub. */
export const connectionInfo = (): Promise<ConnectionView> => api.connectionInfo();

/** Registers a device; its token is in this answer only. */
export const addDevice = (body: NewDevice): Promise<RegisteredDevice> => api.addDevice(body);
/** Makes one more token for a device; it is in this answer only. */
export const addDeviceToken = (id: string): Promise<IssuedToken> => api.addToken(id, {});

/** A device of the registry; null where there is none of this id. */
export async function deviceOrNull(id: string, signal?: AbortSignal): Promise<DeviceView | null> {
  try {
    return await api.device(id, { signal });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** The ids that begin like this; at most the first thousand. */
export async function idsLike(beginning: string): Promise<readonly string[]> {
  const { items } = await api.devices({ q: beginning }).page(undefined, { limit: 1000 });
  return items.map(({ id }) => id).filter((id) => id.startsWith(beginning));
}

/** What was refused since then to this device, or to somebody who may be it. */
export async function attempts(device: string, since: number): Promise<readonly AttemptView[]> {
  return (await api.attempts({ device, since }).page(undefined, { limit: 20 })).items;
}
/** The newest values of this device that were refused. */
export async function refused(device: string): Promise<readonly QuarantineItem[]> {
  return (await api.quarantine(device).page(undefined, { limit: 5 })).items;
}

export const claims = (cursor?: string): Promise<Page<ClaimView>> => api.claims().page(cursor, PAGE);
/** Makes a claim key; it is in this answer only. */
export const addClaim = (body: NewClaim): Promise<IssuedClaim> => api.addClaim(body);
export const revokeClaim = (id: string): Promise<void> => api.revokeClaim(id);
export const pendingDevices = (cursor?: string): Promise<Page<EnrolmentView>> =>
  api.pendingDevices().page(cursor, PAGE);
export const approveDevice = (id: string): Promise<EnrolmentView> => api.approveDevice(id);
export const rejectDevice = (id: string): Promise<void> => api.rejectDevice(id);

const PAGE = { limit: 100 };
