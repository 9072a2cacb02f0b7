/*
 * How the handler proves to Entra that it is the application: a secret, a certificate, a managed
 * identity, a token file.  A proof that Entra does not take is our 500, never the caller's 401.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { assertError, assertKept, challengeOf, during, startAlone, startSandbox, until }
	from '../stage/fixture.mjs';
import { EXCHANGE_AUDIENCE } from '../../sandbox/entra/client_assertion.mjs';
import { startIdentity, startIssuer } from '../../sandbox/entra/federation.mjs';
import { makeClientCertificate } from '../../sandbox/common/tls.mjs';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const dir = mkdtempSync(join(tmpdir(), 'credentials-'));
after(() => rmSync(dir, { recursive: true }));
const certificate = await makeClientCertificate(dir, 'known');

/* A handler with one credential beside a sandbox of its own. */
async function pair(t, env, options) {
	const sandbox = await during(t, startSandbox(options));
	const { entra } = sandbox;
	const handler = await during(t, startAlone({ keeps: sandbox,
		env: { ...sandbox.env, CLIENT_SECRET: undefined, LOG_LEVEL: 'debug', ...env } }));
	return { entra, handler,
		forms: () => entra.requests.filter(({ form }) => form).map(({ form }) => form),
		me: async (user) => handler.ask('/me', { token: await entra.mintUserToken({ user }) }) };
}

/* The same with a managed identity; env: more settings, identity: changes to it. */
async function identityPair(t, { env = {}, trust = true } = {}) {
	const sandbox = await during(t, startSandbox());
	const { entra } = sandbox;
	const identity = await startIdentity({ entra });
	t.after(() => identity.close());
	const assigned = identity.assign();
	if (trust) {
		entra.trustFederation(identity.federation());
		entra.trustFederation(identity.federation(assigned));
	}
	const settings = typeof env === 'function' ? env({ assigned }) : env;
	const handler = await during(t, startAlone({ keeps: sandbox, env: { ...sandbox.env,
		CLIENT_SECRET: undefined, MANAGED_IDENTITY: 'system', LOG_LEVEL: 'debug',
		...identity.env, ...settings } }));
	t.after(() => assertKept(handler, [identity.header]));
	return { entra, handler, identity, assigned,
		me: async (user) => handler.ask('/me', { token: await entra.mintUserToken({ user }) }) };
}

/* A handler with these settings answers nothing protected and names the one problem; returns its
 * name and text. */
async function onlyProblem(env, secrets) {
	const handler = await startAlone({ env });
	const { configuration, credential } = (await handler.ask('/status')).json;
	assert.equal(configuration.problems.length, 1, JSON.stringify(configuration));
	assert.equal(credential, null);
	assertError(await handler.ask('/me', { token: 'x' }), 503, 'not_configured');
	const [{ setting, problem }] = configuration.problems;
	await until(() => handler.lines.some(({ text }) => text.includes(`name=${setting} `)));
	handler.child.kill('SIGKILL');
	await handler.ending();
	if (secrets.length > 0)
		assertKept(handler, secrets);
	return [setting, problem];
}

/* A misconfiguration is ours: 500, no challenge, and Entra's number for the operator. */
function assertOurs(answer, number) {
	assertError(answer, 500, 'server_configuration');
	assert.equal(challengeOf(answer), undefined);
	assert.equal(answer.json.error.upstream?.code, number && `AADSTS${number}`);
}

/* The kind, and nothing else, is in /status and in the log of the start. */
async function assertKind(handler, kind) {
	assert.equal((await handler.ask('/status')).json.credential, kind);
	const said = handler.lines.filter(({ text }) => text.includes('event=credential '));
	assert.equal(said.length, 1);
	assert.match(said[0].text, new RegExp(` detail=${kind}$`));
}

describe('the credential', { concurrency: 4 }, () => {
	test('a secret is sent as client_secret alone', async (t) => {
		const sandbox = await during(t, startSandbox());
		const handler = await during(t, startAlone({ env: sandbox.env, keeps: sandbox }));
		const token = await sandbox.entra.mintUserToken();
		assert.equal((await handler.ask('/me', { token })).status, 200);
		const { form } = sandbox.entra.requests.at(-1);
		assert.equal(form.client_secret, sandbox.entra.clientSecret);
		assert.ok(!('client_assertion' in form) && !('client_assertion_type' in form));
		await assertKind(handler, 'secret');
	});

	for (const tls of [false, true]) {
		test(`a certificate signs an assertion for each exchange, TLS ${tls}`, async (t) => {
			const { entra, handler, me, forms } = await pair(t,
				{ CLIENT_CERTIFICATE_FILE: certificate.file }, { tls });
			const known = entra.registerCertificate(certificate.pem);
			for (const user of ['adele', 'zoe', 'zoe'])
				assert.equal((await me(user)).status, 200);
			const ids = forms().map((form) => {
				assert.equal(form.client_assertion_type, ASSERTION_TYPE);
				assert.ok(!('client_secret' in form));
				const header = decodeProtectedHeader(form.client_assertion);
				assert.deepEqual(header, { alg: 'PS256', typ: 'JWT',
					'x5t#S256': known['x5t#S256'] });
				const { jti, nbf, iat, exp, ...claims } = decodeJwt(form.client_assertion);
				assert.deepEqual(claims, { iss: entra.clientId, sub: entra.clientId,
					aud: `${entra.url}/${entra.tenantId}/oauth2/v2.0/token` });
				assert.equal(nbf, iat);
				assert.equal(exp, iat + 600);
				return jti;
			});
			assert.equal(new Set(ids).size, 3);
			await assertKind(handler, 'certificate');
		});
	}

	test('a certificate that Entra does not know is our 500', async (t) => {
		const { entra, me } = await pair(t, { CLIENT_CERTIFICATE_FILE: certificate.file });
		const other = await makeClientCertificate(dir, 'unrelated');
		entra.registerCertificate(other.pem);
		assertOurs(await me(), 700027);
		entra.registerCertificate(certificate.pem);
		assert.equal((await me()).status, 200);
	});

	test('a certificate file that cannot sign is named at start', async (t) => {
		const other = await makeClientCertificate(dir, 'other');
		const curve = await makeClientCertificate(dir, 'curve', ['-newkey', 'ec', '-pkeyopt',
			'ec_paramgen_curve:P-256', '-noenc']);
		const small = await makeClientCertificate(dir, 'small', ['-newkey', 'rsa:1024', '-noenc']);
		const locked = await makeClientCertificate(dir, 'locked', ['-newkey', 'rsa:2048',
			'-passout', 'pass:secret']);
		const { env } = await during(t, startSandbox());
		for (const content of ['', 'junk', certificate.pem, certificate.key, curve.key + curve.pem,
			other.key + certificate.pem, small.key + small.pem, locked.key + locked.pem]) {
			const file = join(dir, randomUUID());
			writeFileSync(file, content);
			const [setting] = await onlyProblem({ ...env, CLIENT_SECRET: undefined,
				CLIENT_CERTIFICATE_FILE: file },
			content.split('\n').filter((line) => line.length === 64));
			assert.equal(setting, 'CLIENT_CERTIFICATE_FILE');
		}
	});

	test('two credentials at once are both named, whichever they are', async (t) => {
		const { env, entra } = await during(t, startSandbox());
		const file = join(dir, 'some-token');
		writeFileSync(file, 'x.y.z');
		const all = { CLIENT_SECRET: entra.clientSecret, AZURE_FEDERATED_TOKEN_FILE: file,
			CLIENT_CERTIFICATE_FILE: certificate.file, MANAGED_IDENTITY: 'system' };
		const platform = { IDENTITY_ENDPOINT: 'http://127.0.0.1:9/', IDENTITY_HEADER: 'h' };
		const names = Object.keys(all);
		const pairs = names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b]));
		for (const [a, b] of pairs) {
			const said = await onlyProblem({ ...env, ...platform, CLIENT_SECRET: undefined,
				[a]: all[a], [b]: all[b] }, [entra.clientSecret]);
			assert.ok(said.join(' ').includes(a) && said.join(' ').includes(b), said);
		}
	});
});

describe('a managed identity', { concurrency: 4 }, () => {
	test('its token is fetched once for many exchanges', async (t) => {
		const { entra, handler, identity, me } = await identityPair(t);
		identity.latencyMs = 200;
		const answers = await Promise.all(Array.from({ length: 30 }, () => me()));
		answers.push(await me('zoe'));
		assert.ok(answers.every(({ status }) => status === 200));
		assert.equal(entra.counts.exchanges, 31);
		assert.deepEqual(identity.counts, { requests: 1, tokens: 1, rejected: 0 });
		const [{ method, url }] = identity.requests;
		const { pathname, searchParams } = new URL(url, identity.url);
		assert.deepEqual([method, pathname, Object.fromEntries(searchParams)], ['GET',
			'/msi/token', { 'api-version': '2019-08-01', resource: EXCHANGE_AUDIENCE }]);
		assert.ok(entra.requests.filter(({ form }) => form).every(({ form }) =>
			form.client_assertion_type === ASSERTION_TYPE && !('client_secret' in form)));
		await assertKind(handler, 'managed_identity');
	});

	test('a user-assigned one is asked for by its client id', async (t) => {
		const { identity, assigned, me } = await identityPair(t,
			{ env: (given) => ({ MANAGED_IDENTITY: given.assigned.toUpperCase() }) });
		identity.numericExpiry = true;
		assert.equal((await me()).status, 200);
		assert.equal((await me()).status, 200);
		const query = new URL(identity.requests[0].url, identity.url).searchParams;
		assert.equal(query.get('client_id'), assigned);
		assert.equal(identity.counts.requests, 1);
	});

	test('an endpoint that fails for a moment is asked again, unseen by the caller', async (t) => {
		const { identity, me } = await identityPair(t);
		identity.fail({ kind: 'http_503' });
		identity.fail({ kind: 'http_429' });
		assert.equal((await me()).status, 200);
		assert.deepEqual(identity.counts, { requests: 3, tokens: 1, rejected: 0 });
	});

	test('an endpoint that stays away is a 503, and not for ever', async (t) => {
		const { entra, identity, me } = await identityPair(t);
		identity.fail({ kind: 'http_503', times: 4 });
		assertError(await me(), 503, 'upstream_unavailable');
		assert.deepEqual([identity.counts.requests, entra.counts.token], [4, 0]);
		identity.reset();
		assert.equal((await me()).status, 200);
	});

	test('strange answers of the endpoint are failures of ours', async (t) => {
		const { entra, identity, me } = await identityPair(t);
		const json = { 'content-type': 'application/json' };
		for (const fault of [{ kind: 'empty_body' }, { kind: 'not_json' }, { kind: 'huge' },
			{ kind: 'truncated_json' }, { kind: 'gzip' },
			{ kind: 'raw', status: 200, headers: json, body: '[]' },
			{ kind: 'raw', status: 200, headers: json, body: { access_token: 7 } },
			{ kind: 'raw', status: 302, headers: { location: 'http://127.0.0.1:9/' }, body: '' },
			{ kind: 'raw', status: 403, headers: json, body: {} }]) {
			identity.fail(fault);
			assertOurs(await me());
			identity.reset();
		}
		assert.equal(entra.counts.token, 0);
		assert.equal((await me()).status, 200);
	});

	test('a wrong identity header is our 500, asked once', async (t) => {
		const { entra, identity, me } = await identityPair(t,
			{ env: { IDENTITY_HEADER: 'wrong-header-value' } });
		assertOurs(await me());
		assert.deepEqual(identity.counts, { requests: 1, tokens: 0, rejected: 1 });
		assert.equal(entra.counts.token, 0);
	});

	test('an identity that the registration does not trust is our 500', async (t) => {
		const { entra, identity, me } = await identityPair(t, { trust: false });
		assertOurs(await me(), 700211);
		entra.trustFederation({ ...identity.federation(), subject: randomUUID() });
		assertOurs(await me(), 700213);
	});

	test('its token is kept for most of a short life too, then renewed', async (t) => {
		const { identity, me } = await identityPair(t);
		identity.expiresIn = 2;
		assert.equal((await me()).status, 200);
		await until(async () => (await me()).status === 200 && identity.counts.tokens === 2);
		identity.expiresIn = 100;
		await until(async () => (await me()).status === 200 && identity.counts.tokens === 3);
		for (let i = 0; i < 3; i++)
			assert.equal((await me()).status, 200);
		assert.equal(identity.counts.tokens, 3);
	});

	test('a call ends with its own time, however often the endpoint is tried', async (t) => {
		const { identity, me } = await identityPair(t, { env: { GRAPH_DEADLINE_MS: '900' } });
		identity.fail({ kind: 'http_503', times: Infinity });
		let calls = 0;
		await until(async () => { /* the first may need its time for Entra's keys */
			calls++;
			return (await me()).status === 503;
		});
		assert.ok(identity.counts.requests <= calls); /* the next of a call would come a second later */
	});

	test('an app without one is told at start', async (t) => {
		const { env } = await during(t, startSandbox());
		for (const platform of [{}, { IDENTITY_ENDPOINT: 'http://127.0.0.1:9/' },
			{ IDENTITY_HEADER: 'h' }]) {
			const [setting, problem] = await onlyProblem({ ...env, CLIENT_SECRET: undefined,
				MANAGED_IDENTITY: 'system', ...platform }, []);
			assert.equal(setting, 'MANAGED_IDENTITY');
			assert.match(problem, /IDENTITY_ENDPOINT and IDENTITY_HEADER/);
		}
	});
});

describe('a token file', { concurrency: 4 }, () => {
	const SUBJECT = 'system:serviceaccount:default:handler';

	async function filePair(t, options = {}) {
		const issuer = await startIssuer();
		t.after(() => issuer.close());
		const file = join(dir, randomUUID());
		const put = async (more) => {
			const token = await issuer.mint({ subject: SUBJECT, ...more });
			writeFileSync(file, `${token}\n`);
			return token;
		};
		await put(options);
		const it = await pair(t, { AZURE_FEDERATED_TOKEN_FILE: file });
		it.entra.trustFederation({ issuer: issuer.url, subject: SUBJECT });
		return { ...it, file, put };
	}

	test('its content is the assertion, read again when it changes', async (t) => {
		const { handler, forms, me, put } = await filePair(t);
		const first = await put();
		assert.equal((await me()).status, 200);
		assert.equal((await me()).status, 200);
		const second = await put();
		assert.equal((await me()).status, 200);
		assert.deepEqual(forms().map((form) => form.client_assertion), [first, first, second]);
		assert.ok(forms().every((form) => form.client_assertion_type === ASSERTION_TYPE));
		await assertKind(handler, 'token_file');
	});

	test('an expired one, another audience or subject is our 500, until replaced', async (t) => {
		const { me, put } = await filePair(t, { expiresIn: -60 });
		assertOurs(await me(), 700024);
		await put({ audience: 'api://AzureADTokenExchangeChina' });
		assertOurs(await me(), 700212);
		await put({ subject: 'system:serviceaccount:default:other' });
		assertOurs(await me(), 700213);
		await put();
		assert.equal((await me()).status, 200);
	});

	test('an empty, huge or missing one is our 500, and Entra is not asked', async (t) => {
		const { entra, file, me, put } = await filePair(t);
		for (const content of ['', '\n\n', 'x'.repeat(70_000), undefined]) {
			if (content === undefined)
				rmSync(file);
			else
				writeFileSync(file, content);
			assertOurs(await me());
		}
		assert.equal(entra.counts.token, 0);
		await put();
		assert.equal((await me()).status, 200);
	});
});
