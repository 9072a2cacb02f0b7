/*
 * GET /me when all goes well: the profile, the exchange as Entra wants it, the cache, a token the
 * gateway exchanged, and TLS with HTTP/2 to both.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, test } from 'node:test';
import { GUID, assertError, challengeOf, during, startAlone, startSandbox, until, use }
	from '../stage/fixture.mjs';
import { OBO, USER_READ } from '../../sandbox/common/sandbox_client.mjs';

const PROPERTIES = { businessPhones: 'businessPhones', displayName: 'name',
	givenName: 'givenName', jobTitle: 'jobTitle', mail: 'mail', mobilePhone: 'mobilePhone',
	officeLocation: 'officeLocation', preferredLanguage: 'preferredLanguage',
	surname: 'surname', userPrincipalName: 'username', id: 'oid' };

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra, graph, env } = sandbox;
const handler = use(() => startAlone({ env: { ...env, CALLS_PER_CALLER_MAX: '100' } }));

const mint = (options) => entra.mintUserToken(options);
const me = (token, query = '', headers = {}) => handler().ask(`/me${query}`, { token, headers });
const exchanges = () => entra.requests.filter(({ path }) => path.endsWith('/token'));

/* Asked from here on, so that its seconds pass while the other tests run: see the last test. */
const shortLived = await startSandbox();
after(() => shortLived.stop());
shortLived.entra.expiresIn = 10; /* kept for nine: a tenth is held back */
const patient = use(async () => {
	const started = await startAlone({ env: shortLived.env });
	const token = await shortLived.entra.mintUserToken();
	started.renewed = until(async () => {
		const { status } = await started.ask('/me', { token });
		return status !== 200 || shortLived.entra.counts.exchanges === 2;
	}, { pauseMs: 100 }).catch((error) => error);
	return started;
});

afterEach(() => sandbox.reset());

describe('the profile', () => {
	test('is the sandbox user\'s, nulls and UTF-8 kept', async () => {
		for (const key of ['adele', 'bare', 'zoe', 'guest']) {
			const user = entra.users[key];
			const answer = await me(await mint({ user: key }));
			const { '@odata.context': context, ...profile } = answer.json;
			const expected = Object.entries(PROPERTIES)
				.map(([name, field]) => [name, user[field]]);
			assert.deepEqual(profile, Object.fromEntries(expected));
			assert.match(context, /\$metadata#users\/\$entity$/);
			assert.equal(answer.headers['content-type'], 'application/json');
		}
		assert.equal(entra.users.bare.mail, null);
	});

	test('holds what $select asks for', async () => {
		const token = await mint({ user: 'zoe' });
		const { json } = await me(token, '?$select=displayName,department,mail,userType');
		const { '@odata.context': context, ...profile } = json;
		assert.deepEqual(profile, { displayName: 'Zoë Ünïcode 雪', department: null,
			mail: 'zoë@contoso.example', userType: 'Member' });
		assert.match(context, /#users\(displayName,department,mail,userType,id\)/);
		assert.equal(graph.requests.at(-1).url,
			'/v1.0/me?$select=displayName,department,mail,userType,id', 'which says whose it is');
	});

	test('$select takes names only: nothing else reaches Graph', async () => {
		const token = await mint();
		const names = (n, length) => Array(n).fill('a'.repeat(length)).join(',');
		for (const select of ['', ',', 'a,', ',a', 'a,,b', 'a b', 'a%20b', 'a/b', 'a%26$top=1',
			'a%23', '..', '*', 'a-b', 'a%00', '%ff', '%', 'é', 'a%0d%0ax:y', 'mail;x',
			names(1, 129), names(65, 1), names(2000, 8)]) {
			const answer = await me(token, `?$select=${select}`);
			assertError(answer, 400, 'bad_request');
		}
		assert.equal(graph.counts.me, 0);
	});

	test('$select takes directory extensions, as long as Graph lets their names be', async () => {
		const token = await mint();
		const names = [`extension_${'0a'.repeat(16)}_jobGroup`, `extension_${'f'.repeat(32)}_`.padEnd(128, 'x')];
		const body = { id: entra.users.adele.oid, [names[0]]: 'x', [names[1]]: 7 };
		const said = { kind: 'raw', status: 200, headers: { 'content-type': 'application/json' }, body };
		graph.fail(said);
		const answer = await me(token, `?$select=${names}`);
		assert.equal(answer.status, 200, answer.text);
		assert.deepEqual(answer.json, { [names[0]]: 'x', [names[1]]: 7 });
		assert.equal(graph.requests.at(-1).url, `/v1.0/me?$select=${names},id`);
		graph.fail(said);
		const { json: { result } } = await handler().ask('/mcp', { method: 'POST', token,
			headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1,
				method: 'tools/call', params: { name: 'me', arguments: { select: names } } }) });
		assert.deepEqual(result.structuredContent, { [names[0]]: 'x', [names[1]]: 7 });
	});

	test('an unknown property is the caller\'s mistake', async () => {
		const answer = await me(await mint(), '?$select=displayName,shoeSize');
		assertError(answer, 400, 'bad_request');
		assert.match(answer.json.error.message, /\$select/);
	});

	test('other query parameters are not passed on', async () => {
		assert.equal((await me(await mint(), '?$expand=manager&code=key&x=%zz')).status, 200);
		assert.equal(graph.requests.at(-1).url, '/v1.0/me');
	});
});

describe('the exchange', () => {
	test('is the form that Entra documents, sent to the tenant of the token', async () => {
		const token = await mint();
		await me(token);
		const [request, ...more] = exchanges();
		assert.deepEqual(more, []);
		assert.equal(request.method, 'POST');
		assert.equal(request.path, `/${entra.users.adele.tid}/oauth2/v2.0/token`);
		assert.equal(request.query, '');
		assert.equal(request.headers['content-type'], 'application/x-www-form-urlencoded');
		assert.equal(request.headers['return-client-request-id'], 'true');
		assert.equal(request.headers.authorization, undefined);
		assert.deepEqual({ ...request.form }, { grant_type: OBO, assertion: token,
			requested_token_use: 'on_behalf_of', client_id: entra.clientId,
			client_secret: entra.clientSecret, scope: USER_READ,
			claims: '{"access_token":{"xms_cc":{"values":["cp1"]}}}' });
	});

	test('Entra and Graph are told the id that the answer carries', async () => {
		const minted = (await me(await mint())).headers['x-request-id'];
		assert.match(minted, GUID);
		const given = randomUUID();
		assert.equal((await me(await mint(), '', { 'x-request-id': given }))
			.headers['x-request-id'], given);
		const told = exchanges().map(({ headers }) => headers['client-request-id']);
		assert.deepEqual(told, [minted, given]);
		assert.deepEqual(graph.requests.map(({ headers }) => headers['client-request-id']), told);
	});

	test('an id that is no GUID is kept from Entra; the log joins both', async () => {
		const answer = await me(await mint(), '', { 'x-request-id': 'my.own-id' });
		const fields = await handler().logOf(answer);
		const [{ headers }] = exchanges();
		assert.match(headers['client-request-id'], GUID);
		assert.equal(fields.client_request_id, headers['client-request-id']);
		assert.equal(fields.token, 'exchange');
		assert.match(fields.graph_request_id, GUID);
	});

	test('Graph gets the exchanged token, our name, and nothing of the caller\'s', async () => {
		const token = await mint();
		await me(token, '', { cookie: 'a=b', 'x-functions-key': 'k', 'accept-encoding': 'gzip',
			'user-agent': 'caller/1' });
		const { headers, method } = graph.requests[0];
		assert.equal(method, 'GET');
		const bearer = headers.authorization.replace('Bearer ', '');
		assert.notEqual(bearer, token);
		assert.equal(entra.introspectGraphToken(bearer).user.oid, entra.users.adele.oid);
		assert.equal(headers.accept, 'application/json');
		assert.match(headers['user-agent'], /^[\w-]+\/\d/);
		for (const name of ['cookie', 'x-functions-key', 'accept-encoding', 'sdkversion'])
			assert.equal(headers[name], undefined);
	});
});

describe('the cache', () => {
	test('a second call with the same token needs no exchange', async () => {
		const token = await mint();
		assert.equal((await handler().logOf(await me(token))).token, 'exchange');
		assert.equal((await handler().logOf(await me(token, '?$select=id'))).token, 'hit');
		assert.deepEqual([entra.counts.token, graph.counts.me], [1, 2]);
	});

	test('100 calls at once with one token make one exchange', async () => {
		const token = await mint();
		entra.latencyMs = 300;
		const answers = await Promise.all(Array.from({ length: 100 }, () => me(token)));
		assert.ok(answers.every(({ status }) => status === 200));
		assert.equal(entra.counts.token, 1);
		assert.equal(graph.counts.me, 100);
	});

	test('100 calls at once share the failure of their one exchange, the next tries', async () => {
		const token = await mint();
		entra.latencyMs = 500;
		entra.fail({ kind: 'unknown_app', times: Infinity });
		const answers = await Promise.all(Array.from({ length: 100 }, () => me(token)));
		for (const answer of answers)
			assertError(answer, 500, 'server_configuration');
		assert.ok(entra.counts.token < 20, `${entra.counts.token} exchanges`);
		entra.clearFailures();
		await until(async () => (await me(token)).status === 200);
	});

	test('two tokens of one user are two exchanges', async () => {
		for (const token of [await mint(), await mint()])
			await me(token);
		assert.equal(entra.counts.exchangesByUser[entra.users.adele.oid], 2);
	});

	test('calls of different users at once each get their own profile', async () => {
		const users = ['adele', 'bare', 'zoe', 'guest'];
		const tokens = await Promise.all(users.map((user) => mint({ user })));
		const calls = Array.from({ length: 80 }, async (_, i) => {
			const { json } = await me(tokens[i % 4]);
			assert.equal(json.id, entra.users[users[i % 4]].oid);
		});
		await Promise.all(calls);
		assert.equal(entra.counts.token, 4);
	});

	test('one user\'s failing exchange leaves another\'s cached token alone', async () => {
		const [adele, zoe] = [await mint(), await mint({ user: 'zoe' })];
		await me(adele);
		entra.fail({ kind: 'http_429', user: 'zoe', times: Infinity });
		assertError(await me(zoe), 429, 'throttled');
		assert.equal((await me(adele)).status, 200);
		assert.equal((await me(await mint({ user: 'bare' }))).status, 200);
	});

	test('a cached token does not outlive the token it was exchanged for', async () => {
		await me(await mint());
		sandbox.reset();
		const token = await mint({ expiresIn: 5 });
		assert.equal((await me(token)).status, 200);
		await until(async () => (await me(token)).status === 401);
		assertError(handler().answers.at(-1), 401, 'invalid_token');
		assert.equal(entra.counts.token, 2); /* Entra refused the second: it had expired */
	});
});

describe('a token for Graph that the gateway exchanged', () => {
	test('is passed on as it is, without an exchange', async () => {
		const token = await entra.mintGraphToken({ user: 'zoe' });
		const answer = await me(token);
		assert.equal(answer.json.id, entra.users.zoe.oid);
		assert.equal(graph.requests[0].headers.authorization, `Bearer ${token}`);
		assert.equal(entra.counts.token + entra.counts.keys, 0);
		assert.equal((await handler().logOf(answer)).token, 'caller');
	});

	test('is judged by Graph alone, and tried once', async () => {
		const forged = await entra.mintHostile('graph-audience');
		const revoked = await entra.mintGraphToken();
		entra.revokeGraphToken(revoked);
		for (const token of [forged, revoked]) {
			const answer = assertError(await me(token), 401, 'invalid_token');
			assert.equal(challengeOf(answer).error, 'invalid_token');
		}
		assert.deepEqual([graph.counts.me, entra.counts.token], [2, 0]);
	});

	test('is no sign-in: /status calls it invalid', async () => {
		const token = await entra.mintGraphToken();
		const { authentication } = (await handler().ask('/status', { token })).json;
		assert.deepEqual([authentication.state, authentication.code], ['invalid',
			'invalid_token']);
	});

	test('is refused with ACCEPT_GRAPH_TOKENS=false', async (t) => {
		const strict = await during(t, startAlone({ env: { ...env,
			ACCEPT_GRAPH_TOKENS: 'false' } }));
		const token = await entra.mintGraphToken();
		assertError(await strict.ask('/me', { token }), 401, 'invalid_token');
		assert.equal(graph.counts.me, 0);
	});
});

describe('TLS', () => {
	const secure = use(() => startSandbox({ tls: true }));

	test('Entra and Graph are spoken to in HTTP/2, over few connections', async (t) => {
		const one = await during(t, startAlone({ env: secure().env }));
		const tokens = await Promise.all(Array.from({ length: 30 }, () =>
			secure().entra.mintUserToken()));
		const answers = await Promise.all(tokens.map((token) => one.ask('/me', { token })));
		assert.ok(answers.every(({ status }) => status === 200));
		const { http1, http2, connections } = secure().graph.counts;
		assert.deepEqual([http1, http2], [0, 30]);
		assert.ok(connections <= 4, `${connections} connections for 30 calls`);
		assert.ok(secure().entra.requests.every(({ httpVersion }) => httpVersion === '2.0'));
	});

	test('a certificate that is not trusted is a 503, and no token was sent', async (t) => {
		const dir = mkdtempSync(join(tmpdir(), 'other-ca-'));
		t.after(() => rmSync(dir, { recursive: true }));
		const [key, file] = [join(dir, 'key.pem'), join(dir, 'ca.pem')];
		execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
			'ec_paramgen_curve:P-256', '-noenc', '-days', '2', '-subj', '/CN=Other CA',
			'-keyout', key, '-out', file], { stdio: 'ignore' });
		const wary = await during(t, startAlone({ env: { ...secure().env,
			CA_BUNDLE_FILE: file } }));
		secure().reset();
		const token = await secure().entra.mintUserToken();
		assertError(await wary.ask('/me', { token }), 503, 'upstream_unavailable');
		const graphToken = await secure().entra.mintGraphToken();
		assertError(await wary.ask('/me', { token: graphToken }), 503, 'upstream_unavailable');
		assert.equal(secure().entra.requests.length + secure().graph.requests.length, 0);
	});
});

test('a token at its end is exchanged anew before Graph sees it expired', async () => {
	const { entra: other, graph: otherGraph } = shortLived;
	assert.equal(await patient().renewed, undefined);
	assert.equal(patient().answers.at(-1).status, 200);
	assert.equal(other.counts.exchanges, 2);
	assert.equal(otherGraph.counts.rejected, 0);
	assert.ok(patient().answers.length > 5, 'the first token was served meanwhile');
});
