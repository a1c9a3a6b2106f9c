import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { readHubMessage } from '../uplink/hub-message.js';
import { DeviceMessage } from './device.js';
import { HubMessage } from './hub.js';
import { LiveMessage } from './live.js';
import { ViewerMessage } from './viewer.js';

/** The examples of protocol §1.2 and §2, by direction. */
const FROM_DEVICE = [
  '{"type":"hello","boot":"9c1e4b7a","seq":18231,"firmware":"1.4.2","profile":"env-sensor","caps":["command","config","reconnect"],"rxMax":1024,"uptime":5123,"config":6}',
  '{"type":"telemetry","seq":18232,"time":1767225600123,"values":{"temperature":21.5,"door":true}}',
  '{"type":"telemetry","seq":18233,"rows":[[1767225600123,{"temperature":21.5}],[1767225601123,{"temperature":21.6}]]}',
  '{"type":"telemetry","seq":18234,"t0":1767225600000,"dt":[0,1000,1000],"columns":{"temperature":[21.5,21.6,21.6],"humidity":[48,null,48]}}',
  '{"type":"result","id":"01J8ZQ","status":"ok","result":{"on":true}}',
  '{"type":"config","version":7,"ok":true,"reported":{"interval":5000}}',
  '{"type":"log","level":"warn","message":"brown-out detected"}',
  '{"type":"time","uptime":5123}',
];
const FROM_HUB = [
  '{"type":"welcome","session":"a1","time":1767225600123,"ack":18229,"window":256,"maxFrame":65536,"heartbeat":20000,"reconnect":[1000,60000],"config":7}',
  '{"type":"ack","boot":"9c1e4b7a","seq":18234}',
  '{"type":"reject","seq":18235,"code":"type_conflict","metric":"temperature","row":0,"count":1,"message":"number expected, got string"}',
  '{"type":"window","window":0}',
  '{"type":"command","id":"01J8ZQ","name":"relay.set","params":{"on":true},"ttl":5000}',
  '{"type":"config","version":7,"desired":{"interval":5000}}',
  '{"type":"time","uptime":5123,"time":1767225600123}',
  '{"type":"error","code":"malformed","message":"…","seq":18236,"retryAfter":2000,"fatal":false}',
  '{"type":"bye","retryAfter":7421}',
];
const FROM_VIEWER = [
  '{"type":"subscribe","id":1,"devices":["esp-7f3a"],"metrics":["temperature"],"minPeriod":100}',
  '{"type":"subscribe","id":2,"devices":"*","what":["status","command","alarm"]}',
  '{"type":"subscribe","id":3,"devices":{"tags":{"site":"north"}}}',
  '{"type":"unsubscribe","id":1}',
];
const TO_VIEWER = [
  '{"type":"snapshot","id":1,"devices":[{"id":"esp-7f3a","online":true,"values":{"temperature":[1767225600123,21.5]}}],"more":false}',
  '{"type":"update","readings":[["esp-7f3a",1767225600123,{"temperature":21.5}]]}',
  '{"type":"status","device":"esp-7f3a","online":false,"reason":"timeout","at":1767225600123}',
  '{"type":"command","command":{}}',
  '{"type":"alarm","alarm":{}}',
  '{"type":"log","device":"esp-7f3a","level":"warn","message":"…","at":0}',
  '{"type":"raw","device":"esp-7f3a","direction":"in","frame":"…","at":0}',
  '{"type":"lag","dropped":1234,"since":1767225600000}',
  '{"type":"error","id":1,"code":"bad_subscription","message":"…"}',
];

describe.each<[string, TSchema, string[]]>([
  ['from a device', DeviceMessage, FROM_DEVICE],
  ['from the hub to a device', HubMessage, FROM_HUB],
  ['from a viewer', ViewerMessage, FROM_VIEWER],
  ['from the hub to a viewer', LiveMessage, TO_VIEWER],
])('messages %s', (_, schema, examples) => {
  const validator = Compile(schema);

  it.each(examples)('%s', (text) => {
    const message = JSON.parse(text);
    expect(validator.Check(message)).toBe(true);
    expect(validator.Check({ ...message, of_the_future: 1 })).toBe(true);
    expect(validator.Check({ ...message, type: 'other' })).toBe(false);
  });

  it('are plain JSON Schema', () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(expect.objectContaining({ anyOf: expect.any(Array) }));
  });
});

it('a device reads every message of the hub', () => {
  for (const text of FROM_HUB) expect(readHubMessage(text, JSON.parse)).toEqual(JSON.parse(text));
});
