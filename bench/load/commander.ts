import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Credentials } from '../hub/devices.js';
import { percentile } from '../percentile.js';
import type { CommandJob, CommandReport, Spread } from './command-job.js';
import { answerJobs } from './job-process.js';

/**
 * The process that gives commands over HTTP, and is the devices that they are for. One process is both, so that one
 * clock sees a command on all of its way; what it does itself is a small part of a millisecond.
 */

/** Longer than any command should take, and less than the API allows. */
const WAIT_MS = 10_000;

/** What is known of a command while it is under way, by its device: one at a time. */
interface UnderWay {
  readonly sentAtMs: number;
  framedAtMs: number;
}

answerJobs(command);

async function command(job: CommandJob): Promise<CommandReport> {
  const agent = new Agent({ keepAlive: true });
  const underWay = new Map<string, UnderWay>();
  const sockets = await Promise.all(job.devices.map((device) => connect(job, device, underWay)));
  const took: number[] = [];
  const toDevice: number[] = [];
  const toAnswer: number[] = [];
  const states: Record<string, number> = {};

  const give = async (device: string): Promise<void> => {
    const sentAtMs = performance.now();
    const step: UnderWay = { sentAtMs, framedAtMs: Number.NaN };
    underWay.set(device, step);
    const state = await post(job, agent, device);
    const answeredAtMs = performance.now();
    underWay.delete(device);
    states[state] = (states[state] ?? 0) + 1;
    took.push(answeredAtMs - sentAtMs);
    toDevice.push(step.framedAtMs - sentAtMs);
    toAnswer.push(answeredAtMs - step.framedAtMs);
  };

  const all: Promise<void>[] = [];
  const startedMs = performance.now();
  const count = Math.round((job.durationMs * job.perSecond) / 1_000);
  const everyMs = 1_000 / job.perSecond;
  for (let at = 0; at < count; at += 1) {
    // Somewhere within its share of time: never in step with what the hub does by timer.
    const dueMs = startedMs + (at + Math.random()) * everyMs;
    await delay(Math.max(0, dueMs - performance.now()));
    // Each device has its turn, and by then has answered; where it has not, it is passed over and counted.
    const device = job.devices[at % job.devices.length]?.id ?? '';
    if (underWay.has(device)) states.skipped = (states.skipped ?? 0) + 1;
    else all.push(give(device));
  }
  await Promise.all(all);
  for (const socket of sockets) socket.terminate();
  agent.destroy();
  return { states, took: spread(took), toDevice: spread(toDevice), toAnswer: spread(toAnswer) };
}

/** A device that does what it is told at once, says so, and then measures that it has. */
async function connect(
  { deviceUrl }: CommandJob,
  { id, token }: Credentials,
  underWay: Map<string, UnderWay>,
): Promise<WebSocket> {
  const socket = new WebSocket(deviceUrl, {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
  });
  await once(socket, 'open');
  const welcome = once(socket, 'message');
  const boot = Date.now().toString(36);
  socket.send(JSON.stringify({ type: 'hello', boot, seq: 0, firmware: 'bench', caps: ['command'] }));
  await welcome;
  let seq = 0;
  socket.on('message', (data: Buffer) => {
    const message: { type?: unknown; id?: unknown } = JSON.parse(String(data));
    if (message.type !== 'command') return;
    const step = underWay.get(id);
    if (step !== undefined) step.framedAtMs = performance.now();
    socket.send(JSON.stringify({ type: 'result', id: message.id, status: 'ok' }));
    seq += 1;
    socket.send(JSON.stringify({ type: 'telemetry', seq, values: { running: true } }));
  });
  return socket;
}

/** Resolves to the state that the command is in when the answer has come. */
async function post({ url, apiToken, body }: CommandJob, agent: Agent, device: string): Promise<string> {
  const outgoing = request(`${url}/api/v1/devices/${device}/commands?wait=${WAIT_MS}`, {
    agent,
    method: 'POST',
    headers: {
      authorization: `Bearer ${apiToken}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    },
  });
  outgoing.end(body);
  const [response] = await once(outgoing, 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  const answer: { state?: string; code?: string } = JSON.parse(text);
  return answer.state ?? `HTTP ${response.statusCode} ${answer.code}`;
}

function spread(ms: readonly number[]): Spread {
  return { p50: percentile(ms, 0.5), p99: percentile(ms, 0.99), max: percentile(ms, 1) };
}
