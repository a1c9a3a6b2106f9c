import type {
  ApiTokenView,
  AuditEntry,
  CommandState,
  CommandView,
  DeviceConfig,
  DeviceLogLine,
  DeviceView,
  HistoryView,
  IssuedApiToken,
  MeanPoint,
  NewApiToken,
  NewCommand,
  NewDeviceConfig,
  NewUser,
  Page,
  ProfileDocument,
  QuarantineItem,
  SessionView,
  UserView,
  ValuePoint,
} from '@fieldline/protocol/browser';
import { request } from './client.js';

/** A part of a metric's history; its points are those of the aggregate that was asked for. */
export interface History<Point> extends Omit<HistoryView, 'points'> {
  readonly points: readonly Point[];
}

/** Every question that the page asks the hub. Each throws `ApiError`. */

const seg = encodeURIComponent;

function query(values: Record<string, string | number | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return text ? `?${text}` : '';
}

export const who = (): Promise<SessionView> => request<SessionView>('/session');
export const logInByCode = (code: string): Promise<SessionView> =>
  request<SessionView>('/session', { method: 'POST', body: { code } });
export const logIn = (username: string, password: string): Promise<SessionView> =>
  request<SessionView>('/session', { method: 'POST', body: { username, password } });
export const logOut = (): Promise<void> => request<void>('/session', { method: 'DELETE' });

export const device = (id: string, signal?: AbortSignal): Promise<DeviceView> =>
  request<DeviceView>(`/devices/${seg(id)}`, { ...(signal && { signal }) });

/** All devices, page by page, so that the first thousand can be drawn before the last. */
export async function* devices(signal: AbortSignal): AsyncGenerator<readonly DeviceView[]> {
  let cursor: string | undefined;
  do {
    const page = await request<Page<DeviceView>>(`/devices${query({ limit: 1000, cursor })}`, { signal });
    yield page.items;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
}

export const profile = (name: string): Promise<ProfileDocument> =>
  request<ProfileDocument>(`/profiles/${seg(name)}`);

export interface Range {
  readonly from: number;
  readonly to: number;
  readonly points: number;
}

const telemetry = (id: string, metric: string, range: Range, aggregate: 'mean' | 'last' | 'raw'): string =>
  `/devices/${seg(id)}/telemetry${query({ metric, ...range, aggregate })}`;

export const means = (
  id: string,
  metric: string,
  range: Range,
  signal?: AbortSignal,
): Promise<History<MeanPoint>> =>
  request<History<MeanPoint>>(telemetry(id, metric, range, 'mean'), { ...(signal && { signal }) });

/** Booleans and texts: every reading where they fit into one answer (`raw`), else the last of each bucket. */
export const values = (
  id: string,
  metric: string,
  range: Range,
  aggregate: 'last' | 'raw',
  signal?: AbortSignal,
): Promise<History<ValuePoint>> =>
  request<History<ValuePoint>>(telemetry(id, metric, range, aggregate), { ...(signal && { signal }) });

export const quarantine = (id: string, cursor?: string): Promise<Page<QuarantineItem>> =>
  request<Page<QuarantineItem>>(`/devices/${seg(id)}/quarantine${query({ limit: 100, cursor })}`);

export const deviceLog = (id: string, cursor?: string): Promise<Page<DeviceLogLine>> =>
  request<Page<DeviceLogLine>>(`/devices/${seg(id)}/log${query({ limit: 100, cursor })}`);

export const deviceCommands = (id: string, cursor?: string): Promise<Page<CommandView>> =>
  request<Page<CommandView>>(`/devices/${seg(id)}/commands${query({ limit: 50, cursor })}`);

/** Commands of all devices, newest first; of one state where it is given. */
export const commands = (cursor?: string, state?: CommandState): Promise<Page<CommandView>> =>
  request<Page<CommandView>>(`/commands${query({ limit: 100, cursor, state })}`);

export const command = (id: string): Promise<CommandView> => request<CommandView>(`/commands/${seg(id)}`);

/** Gives a command. @param key the same for every try of one wish: the hub takes it once */
export const sendCommand = (id: string, body: NewCommand, key: string): Promise<CommandView> =>
  request<CommandView>(`/devices/${seg(id)}/commands`, { method: 'POST', body, key });

export const cancelCommand = (id: string): Promise<CommandView> =>
  request<CommandView>(`/commands/${seg(id)}`, { method: 'DELETE' });

/** Sets what a device shall run. Refused with 409 `stale_version` where somebody else was faster. */
export const setConfig = (id: string, body: NewDeviceConfig): Promise<DeviceConfig> =>
  request<DeviceConfig>(`/devices/${seg(id)}/config`, { method: 'PUT', body });

export const users = (cursor?: string): Promise<Page<UserView>> =>
  request<Page<UserView>>(`/users${query({ limit: 100, cursor })}`);
export const addUser = (body: NewUser): Promise<UserView> =>
  request<UserView>('/users', { method: 'POST', body });
export const removeUser = (username: string): Promise<void> =>
  request<void>(`/users/${seg(username)}`, { method: 'DELETE' });

export const tokens = (cursor?: string): Promise<Page<ApiTokenView>> =>
  request<Page<ApiTokenView>>(`/tokens${query({ limit: 100, cursor })}`);
/** Makes an API token; its secret is in this answer only. */
export const addToken = (body: NewApiToken): Promise<IssuedApiToken> =>
  request<IssuedApiToken>('/tokens', { method: 'POST', body });
export const revokeToken = (id: string): Promise<void> =>
  request<void>(`/tokens/${seg(id)}`, { method: 'DELETE' });

/** What the audit is asked for; '' for anything. */
export type AuditFilter = Readonly<Record<'actor' | 'action' | 'subject', string>>;

const given = (filter: AuditFilter) =>
  Object.fromEntries(Object.entries(filter).filter(([, text]) => text !== ''));

export const audit = (filter: AuditFilter, cursor?: string): Promise<Page<AuditEntry>> =>
  request<Page<AuditEntry>>(`/audit${query({ limit: 100, cursor, ...given(filter) })}`);

/** Where the browser saves the entries of the audit that match. */
export const auditExportUrl = (filter: AuditFilter): string =>
  `/api/v1/audit/export${query({ format: 'csv', ...given(filter) })}`;

/** Where the browser saves what is on screen as CSV; the cookie authenticates it. */
export const exportUrl = (device: string, from: number, to: number): string =>
  `/api/v1/telemetry/export${query({ device, from, to, format: 'csv' })}`;
