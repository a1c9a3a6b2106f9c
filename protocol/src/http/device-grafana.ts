import Type from 'typebox';
import type { DeepReadonly } from '../deep-readonly.js';

/** Where Grafana shows a device. A range of time is put behind it: `&from=<ms>&to=<ms>`. */
export const DeviceGrafana = Type.Object(
  {
    url: Type.Union([Type.String(), Type.Null()], {
      description: "The device's board; null where `grafana.url` is not set.",
    }),
  },
  {
    title: 'DeviceGrafana',
    examples: [{ url: 'http://127.0.0.1:3000/d/fieldline-device-pump?var-profile=pump&var-device=pump-1' }],
  },
);
export type DeviceGrafana = DeepReadonly<Type.Static<typeof DeviceGrafana>>;
