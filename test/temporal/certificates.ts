import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether certificates can be made here; nearly every system has it. */
export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
export const WITHOUT_OPENSSL = hasOpenssl ? '' : ' (skipped: openssl is not here, the package `openssl` brings it)';

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** An authority with a server and a client of its own, and a client of somebody else's authority: paths of PEM files. */
export class Certificates {
  readonly #dir = mkdtempSync(join(tmpdir(), 'slipway-certificates-'));
  readonly authority = this.#authority('authority');
  readonly server = this.#signed('server', this.authority, 'subjectAltName=DNS:localhost,IP:127.0.0.1');
  readonly client = this.#signed('client', this.authority, 'extendedKeyUsage=clientAuth');
  readonly stranger = this.#signed('stranger', this.#authority('elsewhere'), 'extendedKeyUsage=clientAuth');

  /** What a server of TLS is given, which wants no certificate of its clients. */
  get ofServer(): { readonly cert: Buffer; readonly key: Buffer } {
    return { cert: readFileSync(this.server.cert), key: readFileSync(this.server.key) };
  }

  remove(): void {
    rmSync(this.#dir, { recursive: true });
  }

  #authority(name: string): Pair {
    const pair = this.#pair(name);
    this.#openssl(
      'req',
      '-x509',
      ...FRESH,
      '-subj',
      `/CN=${name}`,
      '-days',
      '2',
      '-keyout',
      pair.key,
      '-out',
      pair.cert,
    );
    return pair;
  }

  #signed(name: string, { cert, key }: Pair, extension: string): Pair {
    const pair = this.#pair(name);
    const [request, extensions] = [this.#at(`${name}.csr`), this.#at(`${name}.ext`)];
    writeFileSync(extensions, `basicConstraints=CA:FALSE\n${extension}\n`);
    this.#openssl('req', '-new', ...FRESH, '-subj', `/CN=${name}`, '-keyout', pair.key, '-out', request);
    const by = ['-CA', cert, '-CAkey', key, '-CAcreateserial', '-days', '2', '-extfile', extensions];
    this.#openssl('x509', '-req', '-in', request, ...by, '-out', pair.cert);
    return pair;
  }

  #pair(name: string): Pair {
    return { cert: this.#at(`${name}.pem`), key: this.#at(`${name}.key`) };
  }

  #at(file: string): string {
    return join(this.#dir, file);
  }

  #openssl(...words: string[]): void {
    execFileSync('openssl', words, { stdio: 'pipe' });
  }
}

const FRESH = ['-newkey', 'rsa:2048', '-nodes'];
