import { isIP } from 'node:net';
import Type from 'typebox';
import { bytes, list, optionalText, toggle } from '../setting.js';
import { GIB, KIB, MIB } from './sizes.js';

/** What the hub speaks HTTPS, WSS and mqtts with. */
export const tlsSettings = Type.Object({
  cert: optionalText({
    description:
      "File with the hub's certificate (PEM), with those between it and its authority. With it the hub speaks " +
      'HTTPS and WSS only; renewed files are taken over while it runs.',
  }),
  key: optionalText({ description: 'File with the key (PEM, without a password) of that certificate.' }),
  clientCa: optionalText({
    description:
      'File with the certificates (PEM) that sign those of devices: a device may log in with one instead of a token.',
  }),
});

/** Who may say for whom it asks. */
export const proxySettings = Type.Object({
  trusted: list({
    description:
      "Addresses of the proxies whose X-Forwarded-For, -Proto and -Host are believed; nobody else's are.",
    items: '^\\S+$',
    allowed: 'IP addresses, networks such as 10.0.0.0/8, or loopback',
    check: checkTrusted,
  }),
});

/** HTTP requests and their answers. */
export const httpSettings = Type.Object({
  bodyBytes: bytes({
    default: MIB,
    minimum: KIB,
    maximum: GIB,
    description: 'Largest body of an HTTP request.',
  }),
  hsts: toggle({
    default: false,
    description:
      'Tell browsers that came by HTTPS to insist on it for a year (Strict-Transport-Security): for every port of that ' +
      'name, also those of other programs.',
  }),
});

/** What proxy-addr understands, short of trusting everybody. */
function checkTrusted(value: unknown): string | undefined {
  const names = value as readonly string[];
  const wrong = names.find((name) => name !== 'loopback' && !isNetwork(name));
  return wrong === undefined ? undefined : `${JSON.stringify(wrong)} is no address and no network`;
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128);
}
