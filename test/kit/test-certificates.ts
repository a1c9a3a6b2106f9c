import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from './temp-dir.js';

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate authority of its own, made by openssl, in a directory that `remove` takes away. */
export class TestCertificates {
  readonly #dir = tempDir('certificates');
  readonly caFile: string;
  readonly #caKey: string;

  constructor() {
    this.caFile = join(this.#dir.path, 'ca.crt');
    this.#caKey = join(this.#dir.path, 'ca.key');
    const subject = ['-subj', '/CN=Fieldline test CA', '-days', '2'];
    openssl('req', '-x509', ...NEW_KEY, '-keyout', this.#caKey, '-out', this.caFile, ...subject);
  }

  /**
   * @param alternatives the subject alternative names, as openssl writes them: 127.0.0.1 and localhost by default
   */
  issue(name: string, alternatives = 'IP:127.0.0.1,DNS:localhost'): CertificateFiles {
    const [keyFile = '', request = '', certFile = '', names = ''] = ['key', 'csr', 'crt', 'ext'].map((kind) =>
      join(this.#dir.path, `${name}.${kind}`),
    );
    writeFileSync(names, `subjectAltName=${alternatives}\n`);
    openssl('req', ...NEW_KEY, '-keyout', keyFile, '-out', request, '-subj', `/CN=${name}`);
    const signed = ['-CA', this.caFile, '-CAkey', this.#caKey, '-CAcreateserial', '-days', '2'];
    openssl('x509', '-req', '-in', request, ...signed, '-extfile', names, '-out', certFile);
    return { certFile, keyFile };
  }

  remove(): void {
    this.#dir.remove();
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', [...args], { stdio: 'pipe' });
}
