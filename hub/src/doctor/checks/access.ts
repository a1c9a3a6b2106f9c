import { isLoopback } from '../../api/hosts.js';
import { type Finding, ok, skip, warn } from '../finding.js';
import type { HubSight, Scene } from '../scene.js';

const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::', '[::]']);

/** Whether those can reach the hub who should, and nobody reads along. */
export function checkBinding({ config, data, hub }: Scene): Finding[] {
  if (data === null) return [skip('address', 'the configuration of the hub is not here')];
  const { host, origins, proxy, tls } = config;
  const isPublic = origins.some((origin) => !isLoopback(new URL(origin).hostname));
  const seen = seenBinding(hub, isPublic);
  if (seen !== null && (seen === 'loopback') !== isLoopback(host)) {
    const where = seen === 'loopback' ? 'this machine only' : 'the network';
    const message = `the hub listens to ${where}; this shell's settings say ${host}`;
    return [
      warn('address', 'other_settings', message, 'Run doctor with the settings of the hub (FIELDLINE_HOST).'),
    ];
  }
  if (isLoopback(host)) {
    if (!isPublic) {
      const who = seen === null ? "by this shell's settings it" : 'it';
      return [
        ok('address', `${who} listens to this machine only (${host}); for boards set FIELDLINE_HOST=0.0.0.0`),
      ];
    }
    if (proxy.trusted.length > 0) return [ok('address', `behind a proxy, as ${origins.join(', ')}`)];
    const message = `it goes by ${origins.join(', ')}, listens to this machine only, and trusts no proxy`;
    const remedy =
      'Name the proxy in proxy.trusted (FIELDLINE_PROXY_TRUSTED=loopback): else everybody has its address.';
    return [warn('address', 'proxy_not_trusted', message, remedy)];
  }
  const findings: Finding[] = [];
  if (tls.cert === null && proxy.trusted.length === 0) {
    const message = `it listens to the network (${host}) without TLS: tokens and passwords can be read on their way`;
    findings.push(
      warn('address', 'no_tls', message, 'Set tls.cert and tls.key, or put a proxy before it (docs/tls.md).'),
    );
  }
  if (WILDCARDS.has(host) && !isPublic) {
    const message =
      'it listens to the network, and no name is configured: browsers that come by one are refused (421)';
    const remedy = 'Say how it is called: origins (FIELDLINE_ORIGINS=https://hub.example:8443).';
    findings.push(warn('address', 'no_origins', message, remedy));
  }
  return findings.length > 0
    ? findings
    : [ok('address', `${host}, as ${origins.join(', ') || 'its address'}`)];
}

/** Where the hub itself says that it listens; null where it does not tell. */
function seenBinding(hub: HubSight, isPublic: boolean): 'loopback' | 'network' | null {
  const connection = hub.isThere ? hub.told?.connection : undefined;
  if (connection === undefined) return null;
  // Only a hub that cannot be reached by the addresses of its machine names them as others.
  if (connection.loopbackOnly || connection.otherUrls.length > 0) return 'loopback';
  // With a public origin `loopbackOnly` is false of any hub.
  return isPublic ? null : 'network';
}

/** Whether people log in as themselves. */
export function checkUsers({ hub, data }: Scene): Finding[] {
  const told = hub.isThere ? hub.told : null;
  if (told === null) return [skip('users', 'only the hub knows')];
  const admins = told.users.filter(({ role }) => role === 'admin').length;
  const token = data?.hasAdminToken === true ? `; ${data.path}/admin-token is an admin, too` : '';
  if (admins > 0) return [ok('users', `${told.users.length} users, ${admins} of them admins${token}`)];
  const message = `there is no user with the role admin: everybody who administers it shares the admin's token${token}`;
  return [warn('users', 'no_admin', message, 'fieldline user add <name> --role admin')];
}
