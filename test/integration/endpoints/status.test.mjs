/*
 * GET /status: alive, how configured, who is calling, what was last seen of Entra and Graph, and
 * how much was asked.
 */
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { assertError, assertKept, during, startAlone, startSandbox, use } from '../stage/fixture.mjs';
import { readTable } from '../../endpoint_table.mjs';
import { DEFAULT_CALLER } from '../../sandbox/entra/user_tokens.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra, graph, env } = sandbox;
afterEach(() => sandbox.reset());
const handler = use(() => startAlone({ env }));

const status = async (options, from = handler()) => (await from.ask('/status', options)).json;

test('status has exactly the members that its tool\'s schema lists', async () => {
	const { tools } = (await handler().ask('/tools')).json;
	const { outputSchema } = tools.find(({ name }) => name === 'status');
	const answer = await status();
	assert.deepEqual(Object.keys(answer).sort(), outputSchema.required.toSorted());
	assert.deepEqual(Object.keys(answer).sort(), Object.keys(outputSchema.properties).sort());
	assert.match(answer.service, /^[\w-]+$/);
	assert.match(answer.version, /^\d+\.\d+\.\d+/);
	assert.match(answer.commit, /^([0-9a-f]{7,40}|unknown)$/);
	assert.ok(Number.isInteger(answer.uptimeSeconds) && answer.uptimeSeconds >= 0);
	assert.deepEqual(answer.configuration, { complete: true, problems: [], unknownSettings: [] });
});

test('without a token the caller is anonymous, whatever else was sent', async () => {
	for (const headers of [{}, { authorization: 'Basic YTpi' },
		{ 'x-ms-client-principal': 'e30=', 'x-ms-client-principal-id': 'root' }])
		assert.deepEqual((await status({ headers })).authentication, { state: 'anonymous' });
});

test('a valid token gives the user\'s context', async () => {
	for (const version of [1, 2]) {
		const token = await entra.mintUserToken({ user: 'zoe', version, expiresIn: 900,
			scp: 'User.Read access_as_user' });
		const { state, user, ...rest } = (await status({ token })).authentication;
		assert.equal(state, 'authenticated');
		assert.deepEqual(rest, {});
		const { expiresInSeconds, ...context } = user;
		const { oid, tid, name, username } = entra.users.zoe;
		assert.deepEqual(context, { objectId: oid, tenantId: tid, name, username,
			clientId: DEFAULT_CALLER, scopes: ['User.Read', 'access_as_user'] });
		assert.ok(expiresInSeconds > 800 && expiresInSeconds <= 900, `${expiresInSeconds}`);
	}
});

test('the name of a guest with a version 1.0 token is its unique_name', async () => {
	const token = await entra.mintUserToken({ user: 'guest', version: 1 });
	const { user } = (await status({ token })).authentication;
	assert.equal(user.username, entra.users.guest.mail);
});

test('a name that the token lacks is null', async () => {
	const claims = { name: undefined, preferred_username: undefined, azp: undefined };
	const token = await entra.mintUserToken({ claims });
	const { user } = (await status({ token })).authentication;
	assert.deepEqual([user.name, user.username, user.clientId], [null, null, null]);
});

test('an invalid token is called so, with the reason, and status stays 200', async () => {
	for (const [kind, code, reason] of [['expired', 'invalid_token', /expired/],
		['foreign-audience', 'invalid_token', /audience/],
		['wrong-tenant', 'invalid_token', /issuer/],
		['partial-scope', 'insufficient_scope', /access_as_user/],
		['app-only', 'app_only_token', /application/],
		['alg-none', 'invalid_token', /RS256/], ['bad-signature', 'invalid_token', /signature/],
		['not-yet-valid', 'invalid_token', /not valid yet/]]) {
		const token = await entra.mintHostile(kind);
		const answer = await handler().ask('/status', { token });
		assert.equal(answer.status, 200);
		const { state, reason: said, ...rest } = answer.json.authentication;
		assert.deepEqual([state, rest], ['invalid', { code }]);
		assert.match(said, reason);
	}
});

test('a token that cannot be checked is invalid because of Entra, not of itself', async (t) => {
	const other = await during(t, startAlone({ env }));
	entra.fail({ on: 'metadata', kind: 'http_503', times: Infinity });
	const token = await entra.mintUserToken();
	const { authentication, upstreams } = await status({ token }, other);
	assert.equal(authentication.code, 'upstream_unavailable');
	assert.equal(upstreams.entraKeys.state, 'failing');
});

test('upstreams are unused, ok or failing, as last seen', async (t) => {
	const other = await during(t, startAlone({ env }));
	const states = async () => Object.fromEntries(Object.entries((await status({}, other))
		.upstreams).map(([name, { state }]) => [name, state]));
	const unused = { entraKeys: 'unused', entraExchange: 'unused', graph: 'unused' };
	assert.deepEqual(await states(), unused);
	const token = await entra.mintUserToken();
	graph.fail({ kind: 'http_500' });
	await other.ask('/me', { token });
	assert.deepEqual(await states(), { entraKeys: 'ok', entraExchange: 'ok', graph: 'failing' });
	const { graph: seen } = (await status({}, other)).upstreams;
	assert.deepEqual([seen.lastFailure, seen.calls, seen.failures], ['graph_error', 1, 1]);
	assert.ok(seen.lastFailureSecondsAgo >= 0 && !('lastOkSecondsAgo' in seen));
	await other.ask('/me', { token });
	assert.deepEqual(await states(), { entraKeys: 'ok', entraExchange: 'ok', graph: 'ok' });
	entra.fail({ kind: 'http_503', times: Infinity });
	await other.ask('/me', { token: await entra.mintUserToken() });
	assert.equal((await states()).entraExchange, 'failing');
});

test('an upstream that refuses a caller is not failing', async (t) => {
	const other = await during(t, startAlone({ env }));
	const me = (token) => other.ask('/me', { token });
	const mint = (options) => entra.mintUserToken(options);
	const upstreams = async () => Object.fromEntries(Object.entries((await status({}, other)).upstreams)
		.map(([name, { state, failures }]) => [name, `${state} ${failures}`]));
	assertError(await me(await entra.mintHostile('bad-signature')), 401, 'invalid_token');
	const foreign = await mint({ key: 'unpublished' });
	assertError(await me(foreign), 401, 'invalid_token');
	assert.deepEqual(await upstreams(), { entraKeys: 'ok 0', entraExchange: 'unused 0',
		graph: 'unused 0' });
	entra.fail({ kind: 'mfa_no_claims' });
	assertError(await me(await mint()), 401, 'interaction_required');
	assert.equal((await upstreams()).entraExchange, 'ok 0');
	for (const [kind, expected] of [['forbidden', 403], ['not_found', 404],
		['invalid_token', 401]]) {
		graph.fail({ kind, times: 2 });
		assert.equal((await me(await mint())).status, expected);
		graph.clearFailures();
		assert.equal((await upstreams()).graph, 'ok 0', kind);
	}
	assert.deepEqual(await upstreams(), { entraKeys: 'ok 0', entraExchange: 'ok 0',
		graph: 'ok 0' });
});

test('status asks neither Entra nor Graph, but for the keys a token needs', async () => {
	await status({ token: await entra.mintUserToken() });
	sandbox.reset();
	await status();
	await status({ token: await entra.mintUserToken() });
	const { counts } = entra;
	assert.equal(counts.keys + counts.metadata + counts.token + graph.counts.me, 0);
});

test('counters count requests and errors of each endpoint, cached tokens, and log lines that were lost', async (t) => {
	const other = await during(t, startAlone({ env }));
	const counters = async () => (await status({}, other)).counters;
	const none = Object.fromEntries(readTable().map(({ name }) => [name, { requests: 0, errors: 0 }]));
	const calls = { underWay: 0, waiting: 0, overloaded: 0, tooManyRequests: 0 };
	assert.deepEqual(await counters(), { ...none, calls, cachedTokens: 0, logLinesLost: 0 });
	for (const path of ['/hello', '/hello', '/hello?name=%00', '/tools', '/me', '/nowhere', '/'])
		await other.ask(path);
	await other.ask('/hello', { method: 'DELETE' });
	const token = await entra.mintUserToken();
	await other.ask('/me', { token });
	await other.ask('/me', { token });
	assert.deepEqual(await counters(), { ...none, hello: { requests: 4, errors: 2 }, me: { requests: 3, errors: 1 },
		status: { requests: 1, errors: 0 }, tools: { requests: 1, errors: 0 }, calls, cachedTokens: 1, logLinesLost: 0 });
});

test('?ready=1 is 200 when configured', async () => {
	assert.equal((await handler().ask('/status?ready=1')).status, 200);
});

test('status shows no secret and no token', async () => {
	const token = await entra.mintUserToken();
	await status({ token });
	assertKept(handler(), [token, entra.clientSecret]);
});
