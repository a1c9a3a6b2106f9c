import { type ConnectionView, isLoopbackUrl } from '@fieldline/protocol/browser';

/**
 * Base addresses by which a device may reach the hub, the likeliest first: what this page came by, unless only this
 * machine knows it by that name; then what the hub says.
 */
export function addressesFor(pageOrigin: string, { urls, loopbackOnly }: ConnectionView): readonly string[] {
  const own = isLoopbackUrl(pageOrigin) ? [] : [pageOrigin];
  const all = [...new Set([...own, ...(loopbackOnly ? [] : urls)])];
  return all.length > 0 ? all : [pageOrigin];
}
