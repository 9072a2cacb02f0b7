/*
 * Graph or Entra cannot be reached, or proves to be somebody else: what that costs whom, and that all is
 * well at once when it is over.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { freePort } from '../../sandbox/host/client.mjs';
import { closing, resetting, startFront, to, toNowhere } from '../../sandbox/common/front.mjs';
import { makeFaultyCertificate } from '../../sandbox/common/tls.mjs';
import { assertError, startAlone, startSandbox, until, use } from '../stage/fixture.mjs';
import { startRelay } from '../stage/network/relay.mjs';

const files = mkdtempSync(join(tmpdir(), 'certificates-'));
after(() => rmSync(files, { recursive: true }));

const graphFront = await startFront();
const entraFront = await startFront();
after(() => [graphFront, entraFront].forEach((front) => front.stop()));
const address = ({ port }) => `https://127.0.0.1:${port}`;
const ENTRA_PORT = await freePort();
const sandbox = await startSandbox({ tls: true, port: ENTRA_PORT, url: address(entraFront) });
after(() => sandbox.stop());
const { entra, graph } = sandbox;
const portOf = ({ url }) => Number(new URL(url).port);
const FRONTS = { graph: [graphFront, portOf(graph)], entra: [entraFront, ENTRA_PORT] };
afterEach(() => sandbox.reset());

/* What stands in the place of either service and would answer as it does, if it were believed. */
const IMPOSTORS = {
	expired: await makeFaultyCertificate(files, 'expired'),
	wrongName: await makeFaultyCertificate(files, 'wrong_name'),
	unknownAuthority: await makeFaultyCertificate(files, 'unknown_ca'),
	oldVersion: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
	none: {},
};
const impostor = (name) => async (front, port) => {
	const relay = await startRelay({ tls: true, h2: true, port, ...IMPOSTORS[name] });
	after(() => relay.stop());
	front.change(to(Number(new URL(relay.url).port)));
};

const UNAVAILABLE = [503, 'upstream_unavailable'];
const TIMEOUT = [504, 'upstream_timeout'];
const FAULTS = [
	['refuses connections', (front) => front.shut(), UNAVAILABLE],
	['closes connections', (front) => front.change(closing), UNAVAILABLE],
	['resets connections', (front) => front.change(resetting), UNAVAILABLE],
	['never ends the handshake', (front) => front.change(toNowhere), TIMEOUT],
	['has a certificate that has expired', impostor('expired'), UNAVAILABLE],
	['has a certificate for another name', impostor('wrongName'), UNAVAILABLE],
	['has a certificate of an authority that nobody trusts', impostor('unknownAuthority'), UNAVAILABLE],
	['speaks a version of TLS that is too old', impostor('oldVersion'), UNAVAILABLE],
];

const handler = use(() => startAlone({ keeps: sandbox, env: { ...sandbox.env, GRAPH_BASE_URL: address(graphFront),
	GRAPH_DEADLINE_MS: '2000', ENTRA_TIMEOUT_MS: '1500' } }));
const me = (token, query = '') => handler().ask(`/me${query}`, { token });

for (const [service, [front, port]] of Object.entries(FRONTS)) {
	describe(service, () => {
		let known;
		before(async () => {
			for (const [one, itself] of Object.values(FRONTS))
				one.change(to(itself));
			known = await entra.mintUserToken({ user: 'zoe' });
			await until(async () => (await me(known)).status === 200);
		});

		test('one that has the right certificate and version is believed', async () => {
			await impostor('none')(front, port);
			assert.equal((await me(await entra.mintUserToken())).status, 200);
		});

		for (const [what, begin, becomes] of FAULTS) {
			test(`${what}: the right answer, nothing is lost, and then all is well`, async () => {
				sandbox.reset();
				const fresh = await entra.mintUserToken();
				await begin(front, port);
				const answers = await Promise.all([me(fresh), me(fresh), me(service === 'graph' ? known : fresh, '?include=manager')]);
				for (const answer of answers) {
					assertError(answer, ...becomes);
					assert.equal(answer.json.error.upstream.service, service);
				}
				assert.equal((await handler().ask('/hello')).status, 200);
				if (service === 'entra') {
					assert.equal((await me(known)).status, 200, 'who has a token needs no other');
					assert.equal(entra.counts.token, 0);
				}
				front.change(to(port));
				await front.open();
				const all = await Promise.all([fresh, known, fresh, known].map((token) => me(token)));
				assert.deepEqual(all.map(({ status }) => status), [200, 200, 200, 200]);
				assert.equal(entra.counts.token, 1, 'one exchange for the one new token, and it is kept');
			});
		}
	});
}
