import { readSync } from 'node:fs';
import { autoDetect, BindingsError } from '@serialport/bindings-cpp';
import { openError } from './open-error.js';

const system = autoDetect();
type System = typeof system;
type Port = Awaited<ReturnType<System['open']>>;
type Polled = Extract<Port, { readonly poller: unknown }>;

/**
 * The system's serial ports. Reading is our own on Unix: that of @serialport/bindings-cpp 13.0 takes the end of file
 * that an unplugged port reads as "nothing yet" and tries again without end (its issue 162), and it asks a thread of the
 * pool for each read, twice for each that finds something.
 */
export const binding = {
  list: () => system.list(),
  async open(options: Parameters<System['open']>[0]): Promise<Port> {
    const port: Port = await system.open(options as never).catch((error: unknown) => {
      throw openError(error, options.path);
    });
    if ('poller' in port) port.read = (buffer, offset, length) => readFrom(port, buffer, offset, length);
    return port;
  },
} as System;

/** Waits until there is something, and takes it: the port does not block. */
async function readFrom(port: Polled, buffer: Buffer, offset: number, length: number) {
  for (;;) {
    await readable(port);
    if (!port.isOpen || port.fd === null) throw new BindingsError('Port is not open', { canceled: true });
    try {
      const bytesRead = readSync(port.fd, buffer, offset, length, null);
      if (bytesRead === 0) throw new Error('unplugged');
      return { buffer, bytesRead };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EAGAIN' && code !== 'EINTR') throw error;
    }
  }
}

function readable({ poller }: Polled): Promise<void> {
  return new Promise((resolve, reject) => {
    poller.once('readable', (error: Error | null) => {
      if (error === null) resolve();
      // What the poller says of a line that was hung up.
      else reject(error.message === 'bad file descriptor' ? new Error('unplugged') : error);
    });
  });
}
