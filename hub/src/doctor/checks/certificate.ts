import { X509Certificate } from 'node:crypto';
import { FieldlineError } from '../../errors.js';
import { readTlsFiles } from '../../tls/tls-files.js';
import { type Finding, fail, ok, skip, warn } from '../finding.js';
import type { Scene } from '../scene.js';

/** Renewal by ACME happens a month ahead: with less left it has failed. */
const SOON_MS = 21 * 86_400_000;

/** Whether the certificate can be used, and for how long. */
export async function checkCertificate({ config, data, nowMs }: Scene): Promise<Finding[]> {
  const { cert, key, clientCa } = config.tls;
  if (data === null) return [skip('certificate', 'the configuration of the hub is not here')];
  if (cert === null || key === null) return [skip('certificate', 'the hub speaks no TLS itself')];
  let certificate: X509Certificate;
  try {
    const files = await readTlsFiles({ cert, key, clientCa });
    certificate = new X509Certificate(files.cert);
  } catch (error) {
    const reason = error instanceof FieldlineError || error instanceof Error ? error.message : String(error);
    const remedy = 'Put certificate and key there as docs/tls.md says; the hub takes them over by itself.';
    return [fail('certificate', 'certificate_unusable', reason, remedy)];
  }
  const endsAt = Date.parse(certificate.validTo);
  const end = new Date(endsAt).toISOString().slice(0, 10);
  const remedy = `Renew it, and put it in place of ${cert}: the hub takes it over by itself.`;
  if (endsAt < nowMs) return [fail('certificate', 'certificate_expired', `it ended on ${end}`, remedy)];
  if (endsAt < nowMs + SOON_MS)
    return [warn('certificate', 'certificate_ending', `it ends on ${end}`, remedy)];
  return [ok('certificate', `good until ${end}`)];
}
