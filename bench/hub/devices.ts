import type { HubProcess } from './hub-process.js';

/** A registered device and its token. */
export interface Credentials {
  readonly id: string;
  readonly token: string;
}

const AT_ONCE = 16;

/** Registers `count` devices over HTTP, as any client would: `load-00000`, `load-00001` … */
export async function registerDevices(
  hub: HubProcess,
  count: number,
  device: { prefix?: string; profile?: string } = {},
): Promise<Credentials[]> {
  const { prefix = 'load', ...body } = device;
  const ids = Array.from({ length: count }, (_, at) => `${prefix}-${String(at).padStart(5, '0')}`);
  const queue = ids.values();
  const registered: Credentials[] = [];
  const work = async () => {
    for (const id of queue)
      registered.push({ id, token: tokenOf(await hub.api('POST', '/api/v1/devices', { id, ...body })) });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return registered;
}

function tokenOf(answer: unknown): string {
  if (typeof answer === 'object' && answer !== null && 'token' in answer) return String(answer.token);
  throw new Error('the hub gave no token');
}
