/** Pages that are named by one word. */
const PLAIN = ['alarms', 'commands', 'connect', 'system'] as const;

/** Where the page is. The hash holds it all, so that a link to a view is a link to a view. */
export type Route =
  | { readonly page: 'login'; readonly code: string | null }
  | { readonly page: 'missing' }
  | { readonly page: 'fleet'; readonly search: URLSearchParams }
  | { readonly page: (typeof PLAIN)[number]; readonly search: URLSearchParams }
  | { readonly page: 'device'; readonly id: string; readonly search: URLSearchParams };

/** Reads `#/login?code=…`, `#/device/<id>?tab=…`, `#/system`, `#/alarms?…`, and nothing at all as the fleet. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = split(hash.replace(/^#/, ''), '?');
  const params = new URLSearchParams(search);
  const [, first, second] = path.split('/');
  // What does not begin with a stroke is a place in the page, such as `#main`.
  if (!path.startsWith('/') || path === '/') return { page: 'fleet', search: params };
  if (first === 'login') return { page: 'login', code: params.get('code') };
  const plain = PLAIN.find((page) => page === first);
  if (plain !== undefined && second === undefined) return { page: plain, search: params };
  if (first === 'device' && second) {
    try {
      return { page: 'device', id: decodeURIComponent(second), search: params };
    } catch {
      return { page: 'missing' };
    }
  }
  return { page: 'missing' };
}

function split(text: string, at: string): [string, string?] {
  const index = text.indexOf(at);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

export const fleetHref = (search = ''): string => `#/${search && `?${search}`}`;
export const alarmsHref = (search = ''): string => `#/alarms${search && `?${search}`}`;
export const connectHref = (search = ''): string => `#/connect${search && `?${search}`}`;
export const systemHref = (search = ''): string => `#/system${search && `?${search}`}`;
export const commandsHref = (search = ''): string => `#/commands${search && `?${search}`}`;
export const deviceHref = (id: string): string => `#/device/${encodeURIComponent(id)}`;
