import { type Channel, ChannelError, type Message } from './channel.js';

/** Publishes under the topic of a device's alarms; resolves once the broker has it. */
export type PublishAlarm = (device: string, payload: string) => Promise<void>;

/** `…/devices/<id>/alarm`: every change of every alarm, also of those that were over before the hub heard of them. */
export class MqttAlarms implements Channel {
  readonly name = 'mqtt';
  readonly perMinute = null;
  readonly target: string;
  readonly #publish: PublishAlarm;

  constructor(target: string, publish: PublishAlarm) {
    this.target = target;
    this.#publish = publish;
  }

  wants(): boolean {
    return true;
  }

  async send({ notices }: Message): Promise<void> {
    for (const { event, at, alarm } of notices) {
      try {
        await this.#publish(alarm.device, JSON.stringify({ event, at, ...alarm }));
      } catch (error) {
        throw new ChannelError(error instanceof Error ? error.message : String(error), { cause: error });
      }
    }
  }

  async test(): Promise<void> {
    throw new ChannelError('a topic belongs to a device: there is none for a test', { isRefused: true });
  }

  close(): void {}
}
