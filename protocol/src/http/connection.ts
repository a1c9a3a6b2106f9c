import Type from 'typebox';
import { nullable } from '../combinators.js';
import type { DeepReadonly } from '../deep-readonly.js';

const Url = Type.String({ examples: ['http://192.168.4.2:8080'] });

/** How devices reach the hub. */
export const ConnectionView = Type.Object(
  {
    loopbackOnly: Type.Boolean({ description: 'It listens to this machine only: no board can reach it.' }),
    urls: Type.Array(Url, {
      description: 'Base addresses that devices may use: the configured origins, then those of the network.',
    }),
    otherUrls: Type.Array(Url, {
      description: 'Addresses of this machine at which it would be reached, if it listened to the network.',
    }),
    mqtt: nullable(
      Type.Object(
        {
          embedded: Type.Boolean({ description: 'The hub is the broker: devices use their id and token.' }),
          host: nullable(Type.String({ description: "The broker's host; null for the hub's own." })),
          port: Type.Integer(),
          secure: Type.Boolean(),
          prefix: Type.String({ description: 'What topics start with.' }),
        },
        { description: 'Null without a broker, and while the one of the hub has no port.' },
      ),
    ),
  },
  { title: 'Connection' },
);
export type ConnectionView = DeepReadonly<Type.Static<typeof ConnectionView>>;
