/*
 * A certificate of an application, made for one test: as the PEM file that the handler reads and
 * as MSAL wants it.
 */
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/* {file, forMsal, publicKey, thumbprint (base64url SHA-256), stop()}. */
export async function makeCertificate() {
	const home = await mkdtemp(join(tmpdir(), 'certificate-'));
	const at = (name) => join(home, name);
	await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-noenc', '-days', '2',
		'-subj', '/CN=handler', '-keyout', at('key.pem'), '-out', at('cert.pem')]);
	const [key, cert] = await Promise.all([at('key.pem'), at('cert.pem')]
		.map((path) => readFile(path, 'utf8')));
	await writeFile(at('both.pem'), cert + key, { mode: 0o600 });
	const { fingerprint256, publicKey } = new X509Certificate(cert);
	const thumbprintSha256 = fingerprint256.replaceAll(':', '');
	return { file: at('both.pem'), publicKey, forMsal: { thumbprintSha256, privateKey: key },
		thumbprint: Buffer.from(thumbprintSha256, 'hex').toString('base64url'),
		stop: () => rm(home, { recursive: true }) };
}
