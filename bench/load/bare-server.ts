import { WebSocketServer } from 'ws';

/** What every Node server pays: a bare `ws` server that parses each message as JSON and forgets it. */

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
let parsed = 0;

server.on('connection', (socket) => {
  socket.on('message', (data: Buffer) => {
    JSON.parse(data.toString());
    parsed += 1;
  });
});
server.on('listening', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 });
});
process.on('message', () => process.send?.({ parsed }));
process.on('disconnect', () => process.exit(0));
