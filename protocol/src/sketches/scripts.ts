import type { Value } from '../messages/fields.js';
import { deviceSocketUrl } from './hub-place.js';
import { javaScriptString, pythonString } from './quote.js';
import type { SketchInput } from './sketch.js';

/** MicroPython with its `requests`, which the firmware of network boards holds: one POST a reading, no connection to keep. */
export function micropython({ hubUrl, device, token, values, intervalMs }: SketchInput): string {
  const url = `${hubUrl}/api/v1/ingest/${encodeURIComponent(device)}`;
  return [
    'import requests, time  # older firmware calls it urequests; connect to Wi-Fi first',
    '',
    `url = ${pythonString(url)}`,
    `key = {"Authorization": ${pythonString(`Bearer ${token}`)}}`,
    'while True:',
    '    try:',
    `        requests.post(url, headers=key, json={"values": ${pythonDict(values)}}).close()`,
    '    except OSError as error:',
    '        print("not sent:", error)',
    `    time.sleep(${seconds(intervalMs)})`,
  ].join('\n');
}

/** Python with `websockets`; it comes back by itself. */
export function python({ hubUrl, values, intervalMs, ...as }: SketchInput): string {
  return [
    'import asyncio, json, websockets  # pip install websockets',
    '',
    'async def main():',
    `    url = ${pythonString(deviceSocketUrl(hubUrl, as))}`,
    '    async for hub in websockets.connect(url):  # comes back by itself',
    '        try:',
    '            while True:',
    `                await hub.send(json.dumps(${pythonDict(values)}))`,
    `                await asyncio.sleep(${seconds(intervalMs)})`,
    '        except websockets.ConnectionClosed as closed:',
    '            print(closed)',
    '',
    'asyncio.run(main())',
  ].join('\n');
}

/** Node with `ws`: the built-in WebSocket cannot send a header. It comes back by itself. */
export function node({ hubUrl, token, values, intervalMs }: SketchInput): string {
  return [
    "import WebSocket from 'ws'; // npm install ws",
    '',
    `const url = ${javaScriptString(deviceSocketUrl(hubUrl))};`,
    `const headers = { Authorization: ${javaScriptString(`Bearer ${token}`)} };`,
    `const reading = () => (${javaScriptObject(values)}); // your sensors go here`,
    '',
    'function connect() {',
    '  const hub = new WebSocket(url, { headers });',
    '  const send = () => hub.readyState === WebSocket.OPEN && hub.send(JSON.stringify(reading()));',
    `  const timer = setInterval(send, ${intervalMs});`,
    "  hub.on('open', send);",
    "  hub.on('error', (error) => console.error(error.message));",
    "  hub.on('close', () => {",
    '    clearInterval(timer);',
    '    setTimeout(connect, 5_000);',
    '  });',
    '}',
    'connect();',
  ].join('\n');
}

const seconds = (ms: number): string => String(ms / 1_000);

function pythonDict(values: Readonly<Record<string, Value>>): string {
  const entries = Object.entries(values).map(([name, value]) => {
    const literal = typeof value === 'string' ? pythonString(value) : String(value).replace(/^[tf]/, upper);
    return `${pythonString(name)}: ${literal}`;
  });
  return `{${entries.join(', ')}}`;
}

function javaScriptObject(values: Readonly<Record<string, Value>>): string {
  const entries = Object.entries(values).map(([name, value]) => {
    const key = /^[A-Za-z_]\w*$/.test(name) ? name : javaScriptString(name);
    return `${key}: ${typeof value === 'string' ? javaScriptString(value) : value}`;
  });
  return `{ ${entries.join(', ')} }`;
}

const upper = (letter: string): string => letter.toUpperCase();
