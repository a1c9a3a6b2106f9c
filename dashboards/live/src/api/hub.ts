import type {
  ApiTokenView,
  AuditEntry,
  CommandState,
  CommandView,
  DeviceConfig,
  DeviceConnection,
  DeviceLogLine,
  DeviceView,
  HistoryView,
  IssuedApiToken,
  JobDeviceState,
  JobDeviceView,
  JobView,
  MeanPoint,
  NewApiToken,
  NewCommand,
  NewDeviceConfig,
  NewJob,
  NewUser,
  OpenSession,
  Page,
  ProfileCheck,
  ProfileDocument,
  ProfileView,
  QuarantineItem,
  RetypedMetric,
  SessionView,
  SystemView,
  UserChanges,
  UserView,
  ValuePoint,
  ValueType,
} from '@fieldline/protocol/browser';
import { api, entrance } from './client.js';

/** A part of a metric's history; its points are those of the aggregate that was asked for. */
export interface History<Point> extends Omit<HistoryView, 'points'> {
  readonly points: readonly Point[];
}

/** Every question that the page asks the hub. Each throws `ApiError`. */

function query(values: Record<string, string | number | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return text ? `?${text}` : '';
}

export const who = (): Promise<SessionView> => api.session();
export const logInByCode = (code: string): Promise<SessionView> => entrance.logIn({ code });
export const logIn = (username: string, password: string): Promise<SessionView> =>
  entrance.logIn({ username, password });
export const logOut = (): Promise<void> => api.logOut();

export const device = (id: string, signal?: AbortSignal): Promise<DeviceView> => api.device(id, { signal });

/** All devices, page by page, so that the first thousand can be drawn before the last. */
export async function* devices(signal: AbortSignal): AsyncGenerator<readonly DeviceView[]> {
  const all = api.devices();
  let cursor: string | undefined;
  do {
    const page = await all.page(cursor, { limit: 1000, signal });
    yield page.items;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
}

export const profile = (name: string): Promise<ProfileDocument> => api.profile(name);

export interface Range {
  readonly from: number;
  readonly to: number;
  readonly points: number;
}

export const means = (
  id: string,
  metric: string,
  range: Range,
  signal?: AbortSignal,
): Promise<History<MeanPoint>> =>
  api.history(id, metric, { ...range, aggregate: 'mean' }, { signal }) as Promise<History<MeanPoint>>;

/** Booleans and texts: every reading where they fit into one answer (`raw`), else the last of each bucket. */
export const values = (
  id: string,
  metric: string,
  range: Range,
  aggregate: 'last' | 'raw',
  signal?: AbortSignal,
): Promise<History<ValuePoint>> =>
  api.history(id, metric, { ...range, aggregate }, { signal }) as Promise<History<ValuePoint>>;

/** How much of a list is shown at a time. */
const PAGE = { limit: 100 };

export const quarantine = (id: string, cursor?: string): Promise<Page<QuarantineItem>> =>
  api.quarantine(id).page(cursor, PAGE);

export const deviceLog = (id: string, cursor?: string): Promise<Page<DeviceLogLine>> =>
  api.deviceLog(id).page(cursor, PAGE);

/** What befell a device's connection, newest first. */
export const connections = (id: string, limit: number): Promise<Page<DeviceConnection>> =>
  api.connections(id).page(undefined, { limit });

/** Where Grafana shows a device; null where there is none. */
export const grafanaOf = async (id: string): Promise<string | null> => (await api.deviceGrafana(id)).url;

export const deviceCommands = (id: string, cursor?: string): Promise<Page<CommandView>> =>
  api.deviceCommands(id).page(cursor, { limit: 50 });

/** Commands of all devices, newest first; of one state where it is given. */
export const commands = (cursor?: string, state?: CommandState): Promise<Page<CommandView>> =>
  api.commands(state).page(cursor, PAGE);

export const command = (id: string): Promise<CommandView> => api.command(id);

/** Gives a command. @param key the same for every try of one wish: the hub takes it once */
export const sendCommand = (id: string, body: NewCommand, key: string): Promise<CommandView> =>
  api.giveCommand(id, body, { key });

export const cancelCommand = (id: string): Promise<CommandView> => api.cancelCommand(id);

/** Group jobs, newest first. */
export const jobs = (cursor?: string): Promise<Page<JobView>> => api.jobs().page(cursor, { limit: 20 });
export const job = (id: string): Promise<JobView> => api.job(id);
/** The devices of a job, in its order; of one state where it is given. */
export const jobDevices = (
  id: string,
  state: JobDeviceState | undefined,
  cursor?: string,
): Promise<Page<JobDeviceView>> => api.jobDevices(id, state).page(cursor, PAGE);
/** Starts a group job. @param key the same for every try of one wish: the hub takes it once */
export const startJob = (body: NewJob, key: string): Promise<JobView> => api.startJob(body, { key });
export const cancelJob = (id: string): Promise<JobView> => api.cancelJob(id);

/** Sets what a device shall run. Refused with 409 `stale_version` where somebody else was faster. */
export const setConfig = (id: string, body: NewDeviceConfig): Promise<DeviceConfig> =>
  api.setConfig(id, body);

export const users = (cursor?: string): Promise<Page<UserView>> => api.users().page(cursor, PAGE);
export const addUser = (body: NewUser): Promise<UserView> => api.addUser(body);
/** Changes a role or a password; the own one needs `currentPassword`. */
export const changeUser = (username: string, body: UserChanges): Promise<UserView> =>
  api.changeUser(username, body);
export const removeUser = (username: string): Promise<void> => api.removeUser(username);

/** The log-ins that go on: one's own, for an admin everybody's. */
export const logIns = (cursor?: string): Promise<Page<OpenSession>> => api.openSessions().page(cursor, PAGE);
export const endLogIn = (id: string): Promise<void> => api.endSession(id);

export const tokens = (cursor?: string): Promise<Page<ApiTokenView>> => api.apiTokens().page(cursor, PAGE);
/** Makes an API token; its secret is in this answer only. */
export const addToken = (body: NewApiToken): Promise<IssuedApiToken> => api.addApiToken(body);
export const revokeToken = (id: string): Promise<void> => api.revokeApiToken(id);

/** All device profiles, by name. */
export async function profiles(): Promise<readonly ProfileView[]> {
  const all: ProfileView[] = [];
  for await (const each of api.profiles()) all.push(each);
  return all;
}
/** What is wrong with a profile in YAML, and where. */
export const checkProfile = (yaml: string): Promise<ProfileCheck> => api.checkProfile(yaml);
/** Gives a metric of all devices with a profile another type. */
export const retype = (profile: string, metric: string, type: ValueType): Promise<RetypedMetric> =>
  api.retype(profile, metric, type);

/** How the hub is, with the samples of the last minutes that ended after `after`. */
export const system = (after?: number): Promise<SystemView> => api.system(after);

/** What the audit is asked for; '' for anything. */
export type AuditFilter = Readonly<Record<'actor' | 'action' | 'subject', string>>;

const given = (filter: AuditFilter) =>
  Object.fromEntries(Object.entries(filter).filter(([, text]) => text !== ''));

export const audit = (filter: AuditFilter, cursor?: string): Promise<Page<AuditEntry>> =>
  api.audit(given(filter)).page(cursor, PAGE);

/** Where the browser saves the entries of the audit that match. */
export const auditExportUrl = (filter: AuditFilter): string =>
  `/api/v1/audit/export${query({ format: 'csv', ...given(filter) })}`;

/** Where the browser saves what is on screen as CSV; the cookie authenticates it. */
export const exportUrl = (device: string, from: number, to: number): string =>
  `/api/v1/telemetry/export${query({ device, from, to, format: 'csv' })}`;
