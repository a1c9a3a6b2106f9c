/** Where Node-RED's flow finds its neighbours. */
export interface FlowOptions {
  /** Path of its WebSocket. */
  readonly path: string;
  readonly influxPort: number;
  readonly database: string;
  readonly mqttPort: number;
  readonly topicPrefix: string;
}

/** A point for InfluxDB, and the message as it came for MQTT. No two points of a device have the same time. */
const BUILD_POINT = (prefix: string) => `
const { seq, time, values } = msg.payload;
const device = msg._session.id;
const point = {
  measurement: 'telemetry',
  tags: { device },
  fields: values,
  timestamp: String(time * 1000 + (seq % 1000)),
};
const text = JSON.stringify({ time, seq, values });
return [{ payload: point }, { topic: '${prefix}/' + device + '/telemetry', payload: text }];
`;

/**
 * A flow for this job as one builds it from core nodes and node-red-contrib-influxdb: WebSocket → JSON → a function
 * that makes a point → gathered to at most 1,000 or half a second, which is far cheaper than a request a message →
 * InfluxDB; and to MQTT with QoS 1.
 */
export function flow({ path, influxPort, database, mqttPort, topicPrefix }: FlowOptions): object[] {
  const node = (id: string, type: string, wires: string[][], rest: object) => {
    return { id, type, z: 'tab', x: 0, y: 0, wires, ...rest };
  };
  return [
    { id: 'tab', type: 'tab', label: 'telemetry', disabled: false },
    { id: 'listener', type: 'websocket-listener', path, wholemsg: 'false', hb: '0' },
    {
      id: 'influx',
      type: 'influxdb',
      hostname: '127.0.0.1',
      port: String(influxPort),
      protocol: 'http',
      database,
      influxdbVersion: '1.x',
    },
    {
      id: 'broker',
      type: 'mqtt-broker',
      broker: '127.0.0.1',
      port: String(mqttPort),
      clientid: '',
      autoConnect: true,
      usetls: false,
      protocolVersion: '4',
      keepalive: '60',
      cleansession: true,
    },
    node('in', 'websocket in', [['json']], { server: 'listener', client: '' }),
    node('json', 'json', [['build']], { property: 'payload', action: 'obj', pretty: false }),
    node('build', 'function', [['gather'], ['mqtt']], {
      func: BUILD_POINT(topicPrefix),
      outputs: 2,
      libs: [],
    }),
    node('gather', 'join', [['write']], {
      mode: 'custom',
      build: 'array',
      property: 'payload',
      propertyType: 'msg',
      key: 'topic',
      joiner: '',
      joinerType: 'str',
      accumulate: false,
      timeout: '0.5',
      count: '1000',
    }),
    node('write', 'influxdb batch', [], { influxdb: 'influx', precision: 'u', retentionPolicy: '' }),
    node('mqtt', 'mqtt out', [], { topic: '', qos: '1', retain: 'false', broker: 'broker' }),
  ];
}
