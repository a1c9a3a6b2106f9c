// What somebody would write who wants a board's lines at a hub and nothing else: no queue, no numbers, no commands, no checks.
// What it costs is what Node, the serial ports and the sockets cost. Arguments: the hub, then `<device>=<path>` for each port.
import { autoDetect } from '@serialport/bindings-cpp';
import { ReadlineParser } from '@serialport/parser-readline';
import { SerialPortStream } from '@serialport/stream';
import { WebSocket } from 'ws';

const [url = '', ...ports] = process.argv.slice(2);
const binding = autoDetect();

for (const [device = '', path = ''] of ports.map((port) => port.split('='))) {
  const socket = new WebSocket(url.replace('http', 'ws'), {
    headers: { authorization: `Bearer ${device}` },
    perMessageDeflate: false,
  });
  let seq = 0;
  socket.on('message', () => undefined);
  socket.on('open', () => {
    socket.send(JSON.stringify({ type: 'hello', boot: 'bare' }));
    const port = new SerialPortStream({ binding, path, baudRate: 115_200 });
    port.on('open', () => process.stdout.write('hub: online\n'));
    port.pipe(new ReadlineParser()).on('data', (line: string) => {
      const pairs = line.split(' ').flatMap((pair) => {
        const [name, value] = pair.split('=');
        return name === undefined || value === undefined ? [] : [[name, JSON.parse(value)] as const];
      });
      const message = { type: 'telemetry', seq: ++seq, time: Date.now(), values: Object.fromEntries(pairs) };
      socket.send(JSON.stringify(message));
    });
  });
}
