import Type from 'typebox';
import { choice, ms, optionalInteger, optionalText, optionalUrl, text, toggle } from '../setting.js';

/** The MQTT broker: an external one, or the own. */
export const mqttSettings = Type.Object({
  url: optionalUrl({
    schemes: ['mqtt', 'mqtts', 'ws', 'wss'],
    description: 'Address of an MQTT broker. Without it the hub runs a broker of its own.',
  }),
  username: optionalText({ description: 'User name for that broker; it may stand in the URL, too.' }),
  password: optionalText({ description: 'Password for that broker.', secret: true }),
  caFile: optionalText({
    description:
      'File with the certificates (PEM) that sign the one of that broker, instead of the usual ones.',
  }),
  certFile: optionalText({ description: "File with the hub's certificate (PEM) for that broker." }),
  keyFile: optionalText({ description: 'File with the key (PEM) of that certificate.' }),
  clientId: text({
    default: 'fieldline-hub',
    description: 'What the hub calls itself there; each hub of one broker needs another name.',
    pattern: '^[A-Za-z0-9_-]{1,60}$',
    allowed: '1 to 60 letters, digits, _ and -',
  }),
  savedAfterMs: ms({
    default: 0,
    minimum: 0,
    maximum: 3_600_000,
    description:
      'How long that broker takes to write to its disk what it has confirmed (mosquitto: autosave_interval, and one second). What it had ' +
      'confirmed so shortly before it was last heard of is published again after each connect, since a broker that was killed has ' +
      'forgotten it. 0 for never.',
  }),
  embedded: toggle({ default: true, description: 'Run a broker where mqtt.url names none.' }),
  port: optionalInteger({
    minimum: 0,
    maximum: 65_535,
    description:
      'Port of the embedded MQTT broker; 0 takes any free one. Without it 1883 (8883 with TLS), where that is free. ' +
      'Over WebSocket it is always there, at /mqtt.',
  }),
  tls: choice(['auto', 'off'], {
    default: 'auto',
    description:
      'auto: where tls.cert is set, the port of the embedded broker speaks TLS (mqtts), and is 8883 unless mqtt.port ' +
      'says otherwise. off: it never does.',
  }),
  prefix: text({
    default: 'fieldline/v1',
    description: 'What every MQTT topic starts with.',
    pattern: '^[^+#$/\\s][^+#\\s]*[^+#/\\s]$|^[^+#$/\\s]$',
    allowed: 'a topic without wildcards, spaces, a leading $ or slashes at its ends',
  }),
  commands: toggle({
    default: false,
    description:
      'Take commands and configurations for devices from an external MQTT broker: whoever may publish there gives them.',
  }),
});

/** What Home Assistant is told over MQTT. */
export const homeAssistantSettings = Type.Object({
  discovery: toggle({
    default: false,
    description:
      'Tell Home Assistant over MQTT which devices there are, with units and classes from their profiles.',
  }),
  prefix: text({
    default: 'homeassistant',
    description: 'The topic under which Home Assistant looks for devices.',
    pattern: '^[A-Za-z0-9_-]{1,64}(/[A-Za-z0-9_-]{1,64}){0,4}$',
    allowed: 'a topic of letters, digits, _, - and /',
  }),
});
