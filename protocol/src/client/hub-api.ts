import type {
  AlarmChannelView,
  AlarmCounts,
  AlarmDetail,
  AlarmNote,
  AlarmQuiet,
  AlarmRule,
  AlarmsNote,
  AlarmView,
  NewAlarmQuiet,
} from '../http/alarm.js';
import type { AttemptView } from '../http/attempt.js';
import type { AuditEntry } from '../http/audit.js';
import type { ClaimView, EnrolmentView, IssuedClaim, NewClaim } from '../http/claim.js';
import type { CommandView, NewCommand } from '../http/command.js';
import type { ConnectionView } from '../http/connection.js';
import type {
  DeviceChanges,
  DeviceConfig,
  DeviceView,
  NewDevice,
  NewDeviceConfig,
  RegisteredDevice,
} from '../http/device.js';
import type { DeviceConnection } from '../http/device-connection.js';
import type { DeviceGrafana } from '../http/device-grafana.js';
import type { DeviceLogLine } from '../http/device-log.js';
import type { HistoryView } from '../http/history.js';
import type { JobDeviceView, JobView, NewJob } from '../http/job.js';
import type { ProfileCheck, ProfileView, RetypedMetric } from '../http/profile.js';
import type { QuarantineItem } from '../http/quarantine.js';
import type { Credentials, LoginCode, LoginLink, OpenSession, SessionView, Ticket } from '../http/session.js';
import type { SystemView } from '../http/system.js';
import type {
  ApiTokenView,
  IssuedApiToken,
  IssuedToken,
  NewApiToken,
  NewToken,
  TokenView,
} from '../http/token.js';
import type { NewUser, UserChanges, UserView } from '../http/user.js';
import type { ProfileDocument } from '../profile/schema.js';
import { HubTransport, type HubTransportOptions } from './hub-transport.js';
import { Listing } from './listing.js';

/** Which part of a metric's history is wanted; the last 24 h by default. */
export interface HistoryRange {
  /** Ms since 1970; `from` inclusive, `to` exclusive. */
  readonly from?: number;
  readonly to?: number;
  readonly points?: number;
  readonly aggregate?: string;
  /** `next` of the answer before. */
  readonly cursor?: string;
}

/** Which entries of the audit are wanted. */
export interface AuditFilter {
  readonly actor?: string;
  readonly action?: string;
  readonly subject?: string;
  /** Ms since 1970. */
  readonly from?: number;
  readonly to?: number;
}

export interface GiveOptions {
  /** The same for every try of one wish: the hub takes it once. */
  readonly key?: string;
  /** Answers when the command has ended, or after so long. */
  readonly waitMs?: number;
}

/** A request that may be given up. */
export interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

/** Beyond what the hub was asked to wait. */
const PATIENCE_MS = 10_000;

const seg = encodeURIComponent;

/**
 * The hub's HTTP API (protocol §3), with the types of its own schemas, resource by resource. Every method throws
 * HubApiError, or what `translate` makes of it. Runs in Node and in browsers.
 */
export class HubApi {
  protected readonly transport: HubTransport;

  constructor(options: HubTransportOptions) {
    this.transport = new HubTransport(options);
  }

  // Devices

  /** Every device of the registry, in the hub's order. @param filter `online`, `q`, `tag.<key>` */
  devices(filter: Readonly<Record<string, string>> = {}): Listing<DeviceView> {
    return new Listing(this.transport, '/devices', filter);
  }

  device(id: string, { signal }: Abortable = {}): Promise<DeviceView> {
    return this.transport.call('GET', `/devices/${seg(id)}`, { signal });
  }

  /** Registers a device; `token` is shown this once. */
  addDevice(body: NewDevice): Promise<RegisteredDevice> {
    return this.transport.call('POST', '/devices', { body });
  }

  changeDevice(id: string, body: DeviceChanges): Promise<DeviceView> {
    return this.transport.call('PATCH', `/devices/${seg(id)}`, { body });
  }

  removeDevice(id: string): Promise<void> {
    return this.transport.call('DELETE', `/devices/${seg(id)}`);
  }

  tokens(id: string): Listing<TokenView> {
    return new Listing(this.transport, `/devices/${seg(id)}/tokens`);
  }

  /** Makes one more token for a device; `token` is shown this once. `expiresAt` in ms since 1970. */
  addToken(id: string, body: NewToken): Promise<IssuedToken> {
    return this.transport.call('POST', `/devices/${seg(id)}/tokens`, { body });
  }

  revokeToken(id: string, tokenId: string): Promise<void> {
    return this.transport.call('DELETE', `/devices/${seg(id)}/tokens/${seg(tokenId)}`);
  }

  /** Sets what a device shall run. Refused with 409 `stale_version` where somebody else was faster. */
  setConfig(id: string, body: NewDeviceConfig): Promise<DeviceConfig> {
    return this.transport.call('PUT', `/devices/${seg(id)}/config`, { body });
  }

  /** What was refused, newest first. */
  quarantine(id: string): Listing<QuarantineItem> {
    return new Listing(this.transport, `/devices/${seg(id)}/quarantine`);
  }

  /** How devices reach the hub. */
  connectionInfo(): Promise<ConnectionView> {
    return this.transport.call('GET', '/connection');
  }

  /** What was refused of late to those who wanted to be devices. @param filter `device`, `since` in ms since 1970 */
  attempts(filter: { readonly device?: string; readonly since?: number } = {}): Listing<AttemptView> {
    return new Listing(this.transport, '/attempts', { ...filter });
  }

  deviceLog(id: string): Listing<DeviceLogLine> {
    return new Listing(this.transport, `/devices/${seg(id)}/log`);
  }

  /** What befell its connection, newest first. */
  connections(id: string): Listing<DeviceConnection> {
    return new Listing(this.transport, `/devices/${seg(id)}/connections`);
  }

  /** Where Grafana shows a device. */
  deviceGrafana(id: string): Promise<DeviceGrafana> {
    return this.transport.call('GET', `/devices/${seg(id)}/grafana`);
  }

  // Telemetry

  history(
    id: string,
    metric: string,
    range: HistoryRange = {},
    { signal }: Abortable = {},
  ): Promise<HistoryView> {
    return this.transport.call('GET', `/devices/${seg(id)}/telemetry`, {
      query: { metric, ...range },
      signal,
    });
  }

  // Commands

  /** Gives a device a command. */
  giveCommand(id: string, body: NewCommand, { key, waitMs }: GiveOptions = {}): Promise<CommandView> {
    const timeoutMs = waitMs === undefined ? undefined : waitMs + PATIENCE_MS;
    const query = { wait: waitMs };
    return this.transport.call('POST', `/devices/${seg(id)}/commands`, { body, key, query, timeoutMs });
  }

  /** A command; with `waitMs` once it has ended, or as it is after that time. */
  command(id: string, waitMs?: number): Promise<CommandView> {
    const timeoutMs = waitMs === undefined ? undefined : waitMs + PATIENCE_MS;
    return this.transport.call('GET', `/commands/${seg(id)}`, { query: { wait: waitMs }, timeoutMs });
  }

  /** Of all devices, newest first; of one state where it is given. */
  commands(state?: CommandView['state']): Listing<CommandView> {
    return new Listing(this.transport, '/commands', { state });
  }

  /** Of one device, newest first; of one state where it is given. */
  deviceCommands(id: string, state?: CommandView['state']): Listing<CommandView> {
    return new Listing(this.transport, `/devices/${seg(id)}/commands`, { state });
  }

  cancelCommand(id: string): Promise<CommandView> {
    return this.transport.call('DELETE', `/commands/${seg(id)}`);
  }

  /** Gives many devices a command. @param key the same for every try of one wish: the hub takes it once */
  startJob(body: NewJob, { key }: Pick<GiveOptions, 'key'> = {}): Promise<JobView> {
    return this.transport.call('POST', '/jobs', { body, key });
  }

  jobs(): Listing<JobView> {
    return new Listing(this.transport, '/jobs');
  }

  job(id: string): Promise<JobView> {
    return this.transport.call('GET', `/jobs/${seg(id)}`);
  }

  /** The devices of a job, in its order; those in one state where it is given. */
  jobDevices(id: string, state?: JobDeviceView['state']): Listing<JobDeviceView> {
    return new Listing(this.transport, `/jobs/${seg(id)}/devices`, { state });
  }

  cancelJob(id: string): Promise<JobView> {
    return this.transport.call('DELETE', `/jobs/${seg(id)}`);
  }

  // Alarms

  /** Newest first. @param filter all that are given must match */
  alarms(
    filter: {
      readonly state?: AlarmView['state'];
      readonly level?: AlarmView['level'];
      readonly device?: string;
    } = {},
  ): Listing<AlarmView> {
    return new Listing(this.transport, '/alarms', { ...filter });
  }

  /** An alarm, and how it was told. */
  alarm(id: string): Promise<AlarmDetail> {
    return this.transport.call('GET', `/alarms/${seg(id)}`);
  }

  alarmCounts(): Promise<AlarmCounts> {
    return this.transport.call('GET', '/alarms/counts');
  }

  /** Says that somebody has seen it; who was first stays. */
  acknowledgeAlarm(id: string, body: AlarmNote = {}): Promise<AlarmView> {
    return this.transport.call('POST', `/alarms/${seg(id)}/acknowledge`, { body });
  }

  /** The same for several: all or none. */
  acknowledgeAlarms(body: AlarmsNote): Promise<{ readonly items: readonly AlarmView[] }> {
    return this.transport.call('POST', '/alarms/acknowledge', { body });
  }

  /** The limits that nobody is called about for a while. */
  alarmQuiets(): Listing<AlarmQuiet> {
    return new Listing(this.transport, '/alarms/quiets');
  }

  /** Has nobody called for the limit of this alarm, for an hour by default. */
  quietAlarm(id: string, body: NewAlarmQuiet = {}): Promise<AlarmQuiet> {
    return this.transport.call('PUT', `/alarms/${seg(id)}/quiet`, { body });
  }

  endAlarmQuiet(id: string): Promise<void> {
    return this.transport.call('DELETE', `/alarms/${seg(id)}/quiet`);
  }

  /** When alarms are raised: what the profiles say. */
  alarmRules(): Listing<AlarmRule> {
    return new Listing(this.transport, '/alarms/rules');
  }

  alarmChannels(): Listing<AlarmChannelView> {
    return new Listing(this.transport, '/alarms/channels');
  }

  /** Sends a test over a channel; refused with 502 `channel_failed` where it did not get through. */
  testAlarmChannel(channel: string): Promise<{ readonly ms: number }> {
    return this.transport.call('POST', `/alarms/channels/${seg(channel)}/test`);
  }

  // Profiles

  profiles(): Listing<ProfileView> {
    return new Listing(this.transport, '/profiles');
  }

  profile(name: string): Promise<ProfileDocument> {
    return this.transport.call('GET', `/profiles/${seg(name)}`);
  }

  /** Gives a metric of a profile's devices another type; `default` for devices without a profile. */
  retype(profile: string, metric: string, type: string): Promise<RetypedMetric> {
    return this.transport.call('PATCH', `/profiles/${seg(profile)}/metrics/${seg(metric)}`, {
      body: { type },
    });
  }

  /** What is wrong with a profile in YAML, and where. */
  checkProfile(yaml: string): Promise<ProfileCheck> {
    return this.transport.call('POST', '/profiles/validate', { body: { yaml } });
  }

  // Access

  session(): Promise<SessionView> {
    return this.transport.call('GET', '/session');
  }

  logIn(body: Credentials | LoginCode): Promise<SessionView> {
    return this.transport.call('POST', '/session', { body });
  }

  logOut(): Promise<void> {
    return this.transport.call('DELETE', '/session');
  }

  /** The log-ins that go on: one's own, for an admin everybody's. */
  openSessions(): Listing<OpenSession> {
    return new Listing(this.transport, '/sessions');
  }

  endSession(id: string): Promise<void> {
    return this.transport.call('DELETE', `/sessions/${seg(id)}`);
  }

  /** Makes a one-time code that logs a browser in, as whoever asks. */
  makeLoginLink(): Promise<LoginLink> {
    return this.transport.call('POST', '/session/links');
  }

  /** For one connection to the live socket. */
  makeTicket(): Promise<Ticket> {
    return this.transport.call('POST', '/tickets');
  }

  apiTokens(): Listing<ApiTokenView> {
    return new Listing(this.transport, '/tokens');
  }

  /** Makes an API token; `token` is shown this once. */
  addApiToken(body: NewApiToken): Promise<IssuedApiToken> {
    return this.transport.call('POST', '/tokens', { body });
  }

  revokeApiToken(id: string): Promise<void> {
    return this.transport.call('DELETE', `/tokens/${seg(id)}`);
  }

  users(): Listing<UserView> {
    return new Listing(this.transport, '/users');
  }

  addUser(body: NewUser): Promise<UserView> {
    return this.transport.call('POST', '/users', { body });
  }

  changeUser(name: string, body: UserChanges): Promise<UserView> {
    return this.transport.call('PATCH', `/users/${seg(name)}`, { body });
  }

  removeUser(name: string): Promise<void> {
    return this.transport.call('DELETE', `/users/${seg(name)}`);
  }

  audit(filter: AuditFilter = {}): Listing<AuditEntry> {
    return new Listing(this.transport, '/audit', { ...filter });
  }

  // Provisioning

  claims(): Listing<ClaimView> {
    return new Listing(this.transport, '/claims');
  }

  /** Makes a claim key; `claim` is shown this once. */
  addClaim(body: NewClaim): Promise<IssuedClaim> {
    return this.transport.call('POST', '/claims', { body });
  }

  revokeClaim(id: string): Promise<void> {
    return this.transport.call('DELETE', `/claims/${seg(id)}`);
  }

  /** Devices that wait to be let in. */
  pendingDevices(): Listing<EnrolmentView> {
    return new Listing(this.transport, '/claims/pending');
  }

  approveDevice(id: string): Promise<EnrolmentView> {
    return this.transport.call('POST', `/claims/pending/${seg(id)}/approve`);
  }

  rejectDevice(id: string): Promise<void> {
    return this.transport.call('POST', `/claims/pending/${seg(id)}/reject`);
  }

  // Operation

  /** How the hub is: counters, how things stand, and the samples of the last minutes after `after`. */
  system(after?: number): Promise<SystemView> {
    return this.transport.call('GET', '/system', { query: { after } });
  }
}
