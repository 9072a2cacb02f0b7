/*
 * A private certificate authority and one server certificate for 127.0.0.1, localhost and the real
 * services' names (for where a test's own name service or proxy leads those to the sandbox), so that
 * TLS checks stay on in tests.  Made once with the openssl command line and kept in
 * build/, which is never committed.
 */
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const buildDir = fileURLToPath(new URL('../../../build/', import.meta.url));
const home = join(buildDir, 'sandbox-certificate');
const VALID_DAYS = 365;
const RENEW_BEFORE_MS = 24 * 3600 * 1000;

/* Those of the three clouds that a deployment asks. */
const AZURE_NAMES = ['management.azure.com', 'management.usgovcloudapi.net', 'management.chinacloudapi.cn', 'login.microsoftonline.us',
	'login.chinacloudapi.cn', 'login.partner.microsoftonline.cn', 'graph.microsoft.us', 'microsoftgraph.chinacloudapi.cn',
	...['vault.azure.net', 'vault.usgovcloudapi.net', 'vault.azure.cn', 'azurewebsites.net', 'azurewebsites.us', 'chinacloudsites.cn',
		'scm.azurewebsites.net', 'scm.azurewebsites.us', 'scm.chinacloudsites.cn', 'azure-api.net', 'azure-api.us', 'azure-api.cn',
		'blob.core.windows.net', 'blob.core.usgovcloudapi.net', 'blob.core.chinacloudapi.cn'].map((name) => `*.${name}`)];
const NAMES = ['localhost', 'login.microsoftonline.com', 'graph.microsoft.com', ...AZURE_NAMES].map((name) => `DNS:${name}`);

const SERVER_EXTENSIONS = [
	'basicConstraints=critical,CA:false',
	'keyUsage=critical,digitalSignature',
	'extendedKeyUsage=serverAuth',
	`subjectAltName=IP:127.0.0.1,IP:::1,${NAMES.join(',')}`,
	'',
].join('\n');

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];

async function makeFiles(dir) {
	const at = (name) => join(dir, name);
	await run('openssl', ['req', '-x509', ...newKey, '-days', VALID_DAYS,
		'-subj', '/CN=Sandbox CA', '-keyout', at('ca.key'), '-out', at('ca.pem'),
		'-addext', 'basicConstraints=critical,CA:true',
		'-addext', 'keyUsage=critical,keyCertSign,cRLSign'].map(String));
	await run('openssl', ['req', '-new', ...newKey, '-subj', '/CN=localhost',
		'-keyout', at('server.key'), '-out', at('server.csr')]);
	await writeFile(at('server.ext'), SERVER_EXTENSIONS);
	await run('openssl', ['x509', '-req', '-in', at('server.csr'), '-CA', at('ca.pem'),
		'-CAkey', at('ca.key'), '-CAcreateserial', '-days', VALID_DAYS,
		'-extfile', at('server.ext'), '-out', at('server.pem')].map(String));
}

/* Parallel test processes may all arrive here: each makes its own set, the first rename wins. */
async function makeHome() {
	await mkdir(dirname(home), { recursive: true });
	const draft = await mkdtemp(join(buildDir, 'sandbox-certificate-'));
	try {
		await makeFiles(draft);
		await rename(draft, home);
	} catch (error) {
		await rm(draft, { recursive: true, force: true });
		if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST')
			throw error;
	}
}

async function load() {
	const [key, cert] = await Promise.all(['server.key', 'server.pem']
		.map((name) => readFile(join(home, name), 'utf8')));
	const { validTo, subjectAltName } = new X509Certificate(cert);
	const named = subjectAltName.split(', ');
	if (Date.parse(validTo) - Date.now() < RENEW_BEFORE_MS || !NAMES.every((name) => named.includes(name)))
		throw Object.assign(new Error('certificate has run out'), { code: 'EXPIRED' });
	return { key, cert, caFile: join(home, 'ca.pem') };
}

async function putAside() {
	const stale = `${home}-stale-${process.pid}`;
	await rename(home, stale).catch(() => {});
	await rm(stale, { recursive: true, force: true });
}

async function loadOrMake() {
	try {
		return await load();
	} catch (error) {
		if (error.code === 'EXPIRED')
			await putAside();
		await makeHome();
		return load();
	}
}

/* A certificate for a client to prove itself with, in dir: {file (PEM, key and certificate), pem
 * (the certificate alone), key (the key alone)}. */
export async function makeClientCertificate(dir, name, newkey = ['-newkey', 'rsa:2048', '-noenc']) {
	const at = (kind) => join(dir, `${name}.${kind}`);
	await run('openssl', ['req', '-x509', ...newkey, '-days', '2', '-subj', `/CN=${name}`,
		'-keyout', at('key'), '-out', at('crt')]);
	const [key, pem] = await Promise.all(['key', 'crt'].map((kind) => readFile(at(kind), 'utf8')));
	await writeFile(at('pem'), key + pem);
	return { file: at('pem'), pem, key };
}

/* Signs as `x509 -req` does, for a day of the past: newer versions of that refuse an end before the beginning. */
async function signForYesteryear(dir, { csr, ext, pem }) {
	const [config, database, serial] = ['ca.cnf', 'ca.index', 'ca.serial'].map((name) => join(dir, name));
	await writeFile(database, '');
	await writeFile(serial, '01');
	await writeFile(config, `[ca]\ndefault_ca=own\n[own]\ndatabase=${database}\nserial=${serial}\npolicy=any\n[any]\ncommonName=supplied\n`);
	await run('openssl', ['ca', '-batch', '-notext', '-config', config, '-cert', join(home, 'ca.pem'), '-keyfile', join(home, 'ca.key'),
		'-md', 'sha256', '-startdate', '20200101000000Z', '-enddate', '20200102000000Z',
		'-outdir', dir, '-extfile', ext, '-in', csr, '-out', pem]);
}

/* {key, cert} for a server that nobody should believe: "expired", "wrong_name" or, of an authority that nobody
 * trusts, "unknown_ca".  dir is for its files. */
export async function makeFaultyCertificate(dir, fault) {
	await sandboxCertificate();
	const [key, csr, ext, pem] = ['key', 'csr', 'ext', 'pem'].map((kind) => join(dir, `${fault}.${kind}`));
	const authority = ['-CA', join(home, 'ca.pem'), '-CAkey', join(home, 'ca.key'), '-set_serial', '1'];
	const signer = fault === 'unknown_ca' ? ['-signkey', key] : authority;
	await run('openssl', ['req', '-new', ...newKey, '-subj', '/CN=localhost', '-keyout', key, '-out', csr]);
	await writeFile(ext, fault === 'wrong_name' ? 'subjectAltName=DNS:elsewhere.example\n' : SERVER_EXTENSIONS);
	if (fault === 'expired')
		await signForYesteryear(dir, { csr, ext, pem });
	else
		await run('openssl', ['x509', '-req', '-in', csr, ...signer, '-days', '2', '-extfile', ext, '-out', pem]);
	return { key: await readFile(key, 'utf8'), cert: await readFile(pem, 'utf8') };
}

let certificate;

/* {key, cert, caFile}: the server's PEM key and certificate, and the path of the PEM file that
 * a client must trust (CA_BUNDLE_FILE). */
export function sandboxCertificate() {
	certificate ??= loadOrMake();
	return certificate;
}
