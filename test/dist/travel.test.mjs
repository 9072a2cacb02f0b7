/*
 * The zip's binary in a root of its own (chroot), without a library, a shell or a user there: it
 * finds the trusted authorities and Entra's and Graph's addresses as on any machine, and reaches
 * them under their real names over TLS.
 *
 * ROOT: a system's root to use instead of an empty one; its /etc is written to.
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { startEntra } from '../sandbox/entra/entra.mjs';
import { startGraph } from '../sandbox/graph/graph.mjs';
import { sandboxCertificate } from '../sandbox/common/tls.mjs';
import { ownAddress } from '../sandbox/host/client.mjs';
import { assertError, binary, during, startAlone } from '../integration/stage/fixture.mjs';
import { startNames } from './names.mjs';

const ENTRA = 'login.microsoftonline.com';
const GRAPH = 'graph.microsoft.com';
const ADDRESSES = { [ENTRA]: ownAddress(2), [GRAPH]: ownAddress(3) };
const NAME_SERVER = ownAddress(4);
const HOSTS = '/etc/hosts';
const BUNDLES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt',
	'/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem', '/etc/ssl/ca-bundle.pem',
	'/etc/ssl/cert.pem'];

const skip = process.getuid() === 0 ? false : 'chroot needs root';
const given = process.env.ROOT;

describe('in a root of its own', { skip }, async () => {
	if (skip)
		return;
	const root = given ? resolve(given) : mkdtempSync(join(tmpdir(), 'handler-travel-'));
	if (!given)
		after(() => rmSync(root, { recursive: true }));
	const { caFile } = await sandboxCertificate();
	const entra = await startEntra({ tls: true, host: ADDRESSES[ENTRA], port: 443,
		url: `https://${ENTRA}` });
	after(() => entra.close());
	const graph = await startGraph({ entra, tls: true, host: ADDRESSES[GRAPH], port: 443 });
	after(() => graph.close());
	const env = { CLIENT_ID: entra.clientId, CLIENT_SECRET: entra.clientSecret,
		TENANT_ID: entra.tenantId, APIM_GATEWAY_URL: 'https://gateway.example/api' };

	const place = (path) => {
		mkdirSync(dirname(join(root, path)), { recursive: true });
		return join(root, path);
	};
	const put = (path, text) => writeFileSync(place(path), text);
	const clear = () => [HOSTS, '/etc/resolv.conf', ...BUNDLES].forEach((path) =>
		rmSync(join(root, path), { force: true }));
	const start = (more) => startAlone({ command: 'chroot', hosted: true,
		args: [root, '/handler'], env: { ...env, ...more } });
	const putHosts = () => put(HOSTS, Object.entries(ADDRESSES)
		.map(([name, address]) => `${address} ${name}\n`).join(''));
	copyFileSync(binary, place('/handler'));
	after(clear);

	const me = async (handler) => handler.ask('/me', { token: await entra.mintUserToken() });

	test('it greets, and /me is answered by Graph under the name in /etc/hosts', async (t) => {
		clear();
		putHosts();
		copyFileSync(caFile, place('/authorities.pem'));
		const handler = await during(t, start({ CA_BUNDLE_FILE: '/authorities.pem' }));
		assert.equal((await handler.ask('/hello')).status, 200);
		const answer = await me(handler);
		assert.equal(answer.status, 200, answer.text);
		assert.equal(answer.json.displayName, 'Adele Vance');
		assert.ok(graph.counts.http2 > 0);
	});

	test('names are asked of the name server in /etc/resolv.conf', async (t) => {
		clear();
		copyFileSync(caFile, place(BUNDLES[0]));
		put('/etc/resolv.conf', `nameserver ${NAME_SERVER}\n`);
		const names = await during(t, startNames(NAME_SERVER, ADDRESSES));
		const handler = await during(t, start());
		assert.equal((await me(handler)).status, 200);
		assert.deepEqual([...new Set(names.asked)].sort(), [GRAPH, ENTRA]);
	});

	test('a name that the name server does not know is an upstream that is away', async (t) => {
		clear();
		copyFileSync(caFile, place(BUNDLES[0]));
		put('/etc/resolv.conf', `nameserver ${NAME_SERVER}\n`);
		await during(t, startNames(NAME_SERVER, {}));
		const handler = await during(t, start());
		assertError(await me(handler), 503, 'upstream_unavailable');
	});

	for (const bundle of BUNDLES) {
		test(`the trusted authorities are found in ${bundle}`, async (t) => {
			clear();
			putHosts();
			copyFileSync(caFile, place(bundle));
			const handler = await during(t, start());
			assert.equal((await me(handler)).status, 200);
		});
	}

	test('a bundle that holds no certificate is passed over', async (t) => {
		clear();
		putHosts();
		put(BUNDLES[0], '');
		copyFileSync(caFile, place(BUNDLES[1]));
		const handler = await during(t, start());
		assert.equal((await me(handler)).status, 200);
	});

	test('without any, /me is not configured and the log says what to do', async (t) => {
		clear();
		putHosts();
		const handler = await during(t, start());
		assert.equal((await handler.ask('/hello')).status, 200);
		assertError(await me(handler), 503, 'not_configured');
		assert.ok(handler.lines.some(({ text }) =>
			/ name=CA_BUNDLE_FILE detail=".*ca-certificates.*CA_BUNDLE_FILE"/.test(text)));
	});
});
