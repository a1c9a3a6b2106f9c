import { Type } from 'typebox';

/** The device in a route's path. Any text: what is no device's id is answered with 404, not with 422. */
export const DeviceParams = Type.Object({ id: Type.String() });
