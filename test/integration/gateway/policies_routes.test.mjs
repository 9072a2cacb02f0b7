/* What the rendered policies let through to the handler, what they take away, and what they refuse. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeEach, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import http from '../../sandbox/common/http.mjs';
import { readOperations } from '../../../apim/openapi.mjs';
import { ROOT, readTable } from '../../endpoint_table.mjs';
import { hostileKinds } from '../../sandbox/entra/hostile_tokens.mjs';
import { use } from '../stage/fixture.mjs';
import { FUNCTION_KEY, GATEWAY_URL, LOGIN, METADATA, ORIGIN, RESOURCE, SCOPE, assertGuarded, assertRefused, startPolicies } from '../stage/policies_stage.mjs';

const stage = use(() => startPolicies());
beforeEach(() => stage().fresh());

const OPEN = readTable().filter(({ name, auth }) => auth === 'AUTH_NONE' && !['metadata', 'oauth'].includes(name))
	.flatMap(({ path, methods }) => methods.map((method) => [method, path]));
const ASK = readTable().filter(({ auth }) => ['AUTH_USER', 'AUTH_MCP'].includes(auth)).map(({ path }) => path);
const TOOL = '/tools/list_mail';
const CLOSED = readOperations(readFileSync(join(ROOT, 'apim/openapi.yaml'), 'utf8'))
	.filter(({ method, urlTemplate }) => method !== 'HEAD' && [...ASK, '/tools/{name}'].includes(urlTemplate))
	.map(({ method, urlTemplate }) => [method, urlTemplate.replace('/tools/{name}', TOOL)]);
const METADATA_PATHS = ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp'];
const NO_TOKEN = `Bearer resource_metadata="${METADATA}", scope="${SCOPE}"`;
const BAD_TOKEN = `Bearer error="invalid_token", resource_metadata="${METADATA}", scope="${SCOPE}"`;

suite('the open endpoints', () => {
	for (const [method, path] of OPEN) {
		test(`${method} ${path} reaches the handler without the caller's token`, async () => {
			const { ask, backend } = stage();
			const body = method === 'GET' ? undefined : '{"name":"Adele"}';
			const answer = await ask(`${path}?a=1`, { method, token: 'anything', body });
			assert.equal(answer.status, 200, answer.text);
			assertGuarded(answer);
			const [request, ...more] = backend.requests;
			assert.deepEqual(more, []);
			assert.deepEqual([request.method, request.url, request.body], [method, `${path}?a=1`, body ?? '']);
			assert.equal(request.headers.authorization, undefined);
			assert.equal(request.headers['x-functions-key'], FUNCTION_KEY);
			assert.equal(request.headers['x-request-id'], answer.headers['x-request-id']);
		});
	}

	test('/status passes a token on, as the handler looks at it, and works without', async () => {
		const { ask, backend } = stage();
		assert.equal((await ask('/status', { token: 'anything' })).status, 200);
		assert.equal((await ask('/status')).status, 200);
		assert.deepEqual(backend.requests.map(({ headers }) => headers.authorization), ['Bearer anything', undefined]);
	});
});

test('nothing that a client can pretend to be by reaches the handler', async () => {
	const { ask, backend } = stage();
	const spoofed = ['x-ms-client-principal', 'x-ms-client-principal-id', 'x-ms-client-principal-name', 'x-ms-client-principal-idp',
		'x-ms-token-aad-access-token', 'x-ms-token-aad-id-token', 'x-ms-token-aad-expires-on', 'x-ms-token-aad-refresh-token',
		'x-graph-token', 'x-user-oid', 'x-user-tid', 'x-user-id', 'x-user-name', 'x-user-email', 'x-original-url', 'x-rewrite-url',
		'x-http-method-override', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded', 'cookie', 'ocp-apim-subscription-key',
		'x-azure-functions-invocationid'];
	const headers = Object.fromEntries(spoofed.map((name) => [name, 'mine']));
	await ask('/hello?code=mine&name=A&subscription-key=mine', { headers: { ...headers, 'x-functions-key': 'mine', 'x-request-id': 'mine' } });
	const [{ url, headers: arrived }] = backend.requests;
	assert.equal(url, '/hello?name=A');
	assert.deepEqual(spoofed.filter((name) => name in arrived), []);
	assert.equal(arrived['x-functions-key'], FUNCTION_KEY);
	assert.notEqual(arrived['x-request-id'], 'mine');
});

for (const [method, path] of CLOSED) {
	suite(`${method} ${path}`, () => {
		test('without a token names the metadata and the scope, and no error', async () => {
			const { ask, backend } = stage();
			const answer = await ask(path, { method });
			assertRefused(answer, 401, 'missing_token');
			assert.equal(answer.headers['www-authenticate'], NO_TOKEN);
			assert.deepEqual(backend.requests, []);
		});

		test('another scheme is no token; a malformed one is a bad request', async () => {
			const { ask } = stage();
			const given = (authorization) => ask(path, { method, headers: { authorization } });
			assertRefused(await given('Basic YTpi'), 401, 'missing_token');
			for (const wrong of ['Bearer', 'Bearer a b', 'Bearer a,b', 'Bearer "x"', 'bearer  é']) {
				const answer = await given(Buffer.from(wrong).toString('latin1'));
				assertRefused(answer, 400, 'invalid_request');
				assert.equal(answer.headers['www-authenticate'], `Bearer error="invalid_request", resource_metadata="${METADATA}", scope="${SCOPE}"`);
			}
		});

		test('without the scope says which one, as 403', async () => {
			const { ask, entra } = stage();
			const answer = await ask(path, { method, token: await entra.mintUserToken({ scp: 'other access_as_user2' }) });
			assertRefused(answer, 403, 'insufficient_scope');
			assert.equal(answer.headers['www-authenticate'], `Bearer error="insufficient_scope", resource_metadata="${METADATA}", scope="${SCOPE}"`);
		});

		test('refuses a client application that is not in preauth.json', async () => {
			const { ask, entra } = stage();
			assertRefused(await ask(path, { method, token: await entra.mintUserToken({ claims: { azp: entra.clientId } }) }), 403, 'client_not_allowed');
		});

		test('refuses a token of an application', async () => {
			const { ask, entra } = stage();
			assertRefused(await ask(path, { method, token: await entra.mintUserToken({ claims: { scp: undefined, roles: ['x'] } }) }), 403, 'app_only_token');
		});

		test('takes version 1 and 2 tokens for the client id, its URI and the MCP address', async () => {
			const { ask, entra } = stage();
			const tokens = [{ version: 2 }, { version: 1 }, { version: 2, scp: 'a access_as_user b' }];
			if (path !== '/me') tokens.push({ version: 1, claims: { aud: RESOURCE } }); /* the sandbox would not exchange it */
			for (const options of tokens) {
				const answer = await ask(path, { method, token: await entra.mintUserToken(options) });
				assert.equal(answer.status, 200, answer.text);
				assertGuarded(answer);
			}
		});
	});
}

suite('tokens that must not pass', () => {
	/* Signed by Entra, and right in all that validate-azure-ad-token looks at; Entra issues none like
	 * them.  At /mcp and /tools/... the handler checks again, at /me Entra itself. */
	const LEFT_TO_OTHERS = ['wrong-typ', 'padded-base64', 'array-audience', 'text-exp', 'version-mismatch', 'array-scope', 'oversized', 'twice-oid', 'twice-typ'];
	for (const kind of hostileKinds.filter((one) => !LEFT_TO_OTHERS.includes(one))) {
		test(`${kind} is refused at /me, /mcp and a tool, and nothing is exchanged`, async () => {
			const { ask, entra, backend } = stage();
			for (const [method, path] of [['GET', '/me'], ['POST', '/mcp'], ['POST', TOOL]]) {
				const answer = await ask(path, { method, token: await entra.mintHostile(kind) });
				assert.ok([400, 401, 403].includes(answer.status), `${answer.status} ${answer.text}`);
				assertRefused(answer, answer.status, answer.json.error.code);
				if (answer.status === 401) assert.equal(answer.headers['www-authenticate'], BAD_TOKEN);
			}
			assert.deepEqual(backend.requests, []);
			assert.equal(entra.counts.token, 0);
		});
	}

	test('an issuer that is refused is named with the one that is expected, within bounds, and nothing else of the token', async () => {
		const { ask, entra } = stage();
		const long = 'https://a.example/'.padEnd(101, 'x');
		for (const [iss, shown] of [['https://aZ09-._~/v2.0', 'https://aZ09-._~/v2.0'], [long, long.slice(0, 100)], ['https://a/"\\\n<é', 'https://a/?????']]) {
			const { message } = assertRefused(await ask('/me', { token: await entra.mintUserToken({ claims: { iss } }) }), 401, 'invalid_token');
			assert.equal(message, `The access token's issuer is '${shown}'; this API takes '${LOGIN}/${
				entra.tenantId}/v2.0' (its TENANT_ID and LOGIN_HOST say which).`);
		}
	});

	test('a Microsoft Graph token is not one for this API', async () => {
		const { ask, entra } = stage();
		assertRefused(await ask('/me', { token: await entra.mintGraphToken() }), 401, 'invalid_token');
	});
});

suite('/mcp', () => {
	test("passes the user's own token on, unchanged, and exchanges nothing", async () => {
		const { ask, entra, backend } = stage();
		const token = await entra.mintUserToken();
		const headers = { 'content-type': 'application/json', 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' };
		await ask('/mcp', { method: 'POST', token, headers, body: '{"jsonrpc":"2.0"}' });
		const [request] = backend.requests;
		assert.equal(request.headers.authorization, `Bearer ${token}`);
		assert.equal(request.headers['mcp-method'], 'tools/list');
		assert.equal(request.body, '{"jsonrpc":"2.0"}');
		assert.equal(entra.counts.token, 0);
	});

	test('answers as the handler does, before it has finished', async () => {
		const { url, backend, entra } = stage();
		const stream = new PassThrough();
		backend.answer = () => ({ body: stream });
		stream.write('first');
		const request = http.request(`${url}/mcp`, { method: 'POST', agent: false, headers: { authorization: `Bearer ${await entra.mintUserToken()}` } }).end();
		const [response] = await once(request, 'response');
		assertGuarded(response);
		const [first] = await once(response, 'data');
		assert.equal(String(first), 'first');
		stream.end();
		response.resume();
		await once(response, 'end');
	});

	test('refuses a foreign web origin before it looks at a token', async () => {
		const { ask, entra, backend } = stage();
		const token = await entra.mintUserToken();
		for (const origin of ['https://evil.example', 'null', `${ORIGIN}.evil.example`, `${ORIGIN},${GATEWAY_URL}`, 'http://app.example'])
			assertRefused(await ask('/mcp', { method: 'POST', token, headers: { origin } }), 403, 'origin_not_allowed');
		assert.deepEqual(backend.requests, []);
	});

	test('takes the configured web origin and the gateway itself', async () => {
		const { ask, entra } = stage();
		for (const origin of [ORIGIN, GATEWAY_URL])
			assert.equal((await ask('/mcp', { method: 'POST', token: await entra.mintUserToken(), headers: { origin } })).status, 200);
	});
});

suite('cross-origin calls', () => {
	const preflight = (origin, path = '/mcp') => stage().ask(path, { method: 'OPTIONS', headers: { origin,
		'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,mcp-protocol-version' } });

	test('a preflight of an allowed origin needs no token and never reaches the handler', async () => {
		const answer = await preflight(ORIGIN);
		assert.ok([200, 204].includes(answer.status));
		assert.equal(answer.headers['access-control-allow-origin'], ORIGIN);
		assert.match(answer.headers['access-control-allow-methods'], /POST/);
		assert.deepEqual(stage().backend.requests, []);
	});

	test('a preflight says what a page may send, for ten minutes, and never with cookies', async () => {
		const permission = ({ headers }) => Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control')));
		assert.deepEqual(permission(await preflight(ORIGIN)), { 'access-control-allow-origin': ORIGIN,
			'access-control-allow-methods': 'GET,POST,PUT,DELETE', 'access-control-max-age': '600',
			'access-control-allow-headers': 'authorization,content-type,accept,x-request-id,mcp-protocol-version,mcp-method,mcp-name,'
				+ 'mcp-session-id,last-event-id,traceparent' });
		assert.deepEqual(permission(await stage().ask('/.well-known/oauth-protected-resource', { method: 'OPTIONS', headers: {
			origin: 'https://any.example', 'access-control-request-method': 'GET', 'access-control-request-headers': 'x-any,x-other' } })),
		{ 'access-control-allow-origin': '*', 'access-control-allow-methods': 'GET', 'access-control-max-age': '600',
			'access-control-allow-headers': 'x-any,x-other' });
		assert.deepEqual(permission(await stage().ask('/hello', { headers: { origin: ORIGIN } })), { 'access-control-allow-origin': ORIGIN,
			'access-control-expose-headers': 'WWW-Authenticate,Retry-After,x-request-id,Mcp-Session-Id' });
	});

	test('a preflight of another origin gets no permission', async () => {
		assert.equal((await preflight('https://evil.example')).headers['access-control-allow-origin'], undefined);
	});

	test('a refusal can be read by the page that was refused', async () => {
		const answer = await stage().ask('/me', { headers: { origin: ORIGIN } });
		assertRefused(answer, 401, 'missing_token');
		assert.equal(answer.headers['access-control-allow-origin'], ORIGIN);
		assert.match(answer.headers['access-control-expose-headers'], /WWW-Authenticate/i);
	});
});

suite('the metadata', () => {
	for (const path of METADATA_PATHS) {
		test(`${path} is open to all and says where to get which token`, async () => {
			const { ask, entra, backend } = stage();
			const answer = await ask(path, { headers: { origin: 'https://any.example' } });
			assert.deepEqual([answer.status, answer.reason], [200, 'OK']);
			assertGuarded(answer, 'public, max-age=3600');
			assert.equal(answer.headers['content-type'], 'application/json');
			assert.equal(answer.headers['access-control-allow-origin'], '*');
			assert.deepEqual(answer.json, { resource: RESOURCE, authorization_servers: [`${LOGIN}/${entra.tenantId}/v2.0`],
				scopes_supported: [SCOPE], bearer_methods_supported: ['header'], resource_name: 'Microsoft Graph for MCP' });
			assert.deepEqual(backend.requests, []);
		});
	}
});

suite('too many calls', () => {
	const many = (n, ask) => Promise.all(Array.from({ length: n }, ask));
	const assertWait = ({ headers }, most) => {
		assert.match(headers['retry-after'], /^[1-9]\d?$/);
		assert.ok(Number(headers['retry-after']) <= most, headers['retry-after']);
	};

	/* So few of one address, and of one user, that a test can send more. */
	const few = use(() => startPolicies({ settings: { RATE_PER_ADDRESS: '60', RATE_PER_USER: '20' } }));
	beforeEach(() => few().fresh());

	test('of one address are refused with a wait, also to the metadata, until the minute is over', async () => {
		const { ask, advance } = few();
		for (const { status } of await many(60, () => ask('/tools'))) assert.equal(status, 200);
		await advance(20);
		for (const [method, path] of [...OPEN, ...CLOSED, ['GET', '/status'], ...METADATA_PATHS.map((one) => ['GET', one])]) {
			const answer = await ask(path, { method, headers: { origin: ORIGIN } });
			const { message } = assertRefused(answer, 429, 'throttled');
			assert.equal(message, 'Too many requests; wait as Retry-After says.');
			assertWait(answer, 40);
			assert.equal(answer.headers['access-control-allow-origin'], METADATA_PATHS.includes(path) ? '*' : ORIGIN);
			assert.match(answer.headers['access-control-expose-headers'] ?? 'Retry-After', /Retry-After/);
		}
		await advance(41);
		assert.equal((await ask('/hello')).status, 200);
	});

	test('are not those of colleagues behind one address, each of whom makes fewer than one user may', async () => {
		const { ask, entra } = few();
		for (const user of ['adele', 'zoe', 'guest']) {
			const token = await entra.mintUserToken({ user, claims: { exp: 4e9 } });
			for (const { status } of await many(10, () => ask('/mcp', { method: 'POST', token }))) assert.equal(status, 200, user);
		}
	});

	test('of one user are refused at /me, /mcp and a tool together, while another user is served', async () => {
		const { ask, entra, advance } = few();
		const mint = (user) => entra.mintUserToken({ user, claims: { exp: 4e9 } });
		const [adele, again, other] = [await mint('adele'), await mint('adele'), await mint('zoe')];
		const mcp = (token) => ask('/mcp', { method: 'POST', token });
		for (const { status } of await many(10, () => mcp(adele))) assert.equal(status, 200);
		assert.equal((await ask('/me', { token: again })).status, 200);
		for (const { status } of await many(9, () => ask('/me', { token: again }))) assert.equal(status, 200);
		await advance(20);
		for (const answer of [await mcp(adele), await ask('/me', { token: again }), await ask(TOOL, { method: 'POST', token: adele })]) {
			assertRefused(answer, 429, 'throttled');
			assertWait(answer, 40);
		}
		for (const path of ['/mcp', TOOL]) assert.equal((await ask(path, { method: 'POST', token: other })).status, 200);
		await advance(41);
		assert.equal((await mcp(adele)).status, 200);
	});
});

suite('what fails behind the gateway', () => {
	test('an unknown address is a 404 of ours, also beside every API', async () => {
		for (const path of ['/nothing', '/me/more', '/.well-known/other'])
			assertRefused(await stage().ask(path), 404, 'not_found');
	});

	test('a function app that breaks off is a 503, without its address', async () => {
		const { ask, backend } = stage();
		backend.answer = (request) => request.socket.destroy();
		const answer = await ask('/hello');
		const { message } = assertRefused(answer, 503, 'upstream_unavailable');
		assert.match(message, /service behind the gateway cannot be reached/);
		assert.equal(answer.headers['retry-after'], undefined);
		assert.doesNotMatch(answer.text, /127\.0\.0\.1|refused/i);
	});

	/* [path, how long it may take in seconds] */
	for (const [path, limit] of [['/hello', 60], ['/me', 60], [TOOL, 60], ['/mcp', 120]]) {
		/* What comes of an answer that is late by so many seconds of the gateway's clock.  It is not
		 * there before ours could be, nor kept back for ever. */
		async function after(seconds, laterMs) {
			const { ask, backend, advance, entra } = stage();
			const answered = Promise.withResolvers();
			backend.answer = async () => {
				await advance(seconds);
				await Promise.race([answered.promise, delay(laterMs, undefined, { ref: false })]);
				return {};
			};
			return ask(path, { method: ['/mcp', TOOL].includes(path) ? 'POST' : 'GET', token: await entra.mintUserToken({ claims: { nbf: 0, exp: 4e9 } }) })
				.finally(answered.resolve);
		}

		test(`${path} waits for a handler that takes a while, and for ${limit} s`, async () => {
			assert.equal((await after(limit - 10, 200)).status, 200);
			const { message } = assertRefused(await after(limit + 1, 60_000), 504, 'upstream_timeout');
			assert.match(message, ['/mcp', TOOL].includes(path) ? /did not answer in time; if it writes, look whether it was done before you try again\.$/
				: /behind the gateway did not answer in time; try again\.$/);
		});
	}

	test('what guards every answer is the gateway\'s, whatever is said behind it', async () => {
		const { ask, backend, entra } = stage();
		backend.answer = () => ({ headers: { 'cache-control': 'public', 'x-content-type-options': 'no', 'x-frame-options': 'ALLOWALL',
			'content-security-policy': '*', 'referrer-policy': 'unsafe-url', 'strict-transport-security': 'max-age=0', 'x-request-id': 'mine' } });
		for (const path of ['/hello', '/me']) assertGuarded(await ask(path, { token: await entra.mintUserToken() }));
		for (const path of ['/mcp', TOOL]) assertGuarded(await ask(path, { method: 'POST', token: await entra.mintUserToken() }));
	});

	test("the handler's own errors pass as they are", async () => {
		const { ask, backend } = stage();
		backend.answer = () => ({ status: 405, headers: { allow: 'POST' }, body: '{"error":{"code":"method_not_allowed"}}' });
		const answer = await ask('/mcp', { token: await stage().entra.mintUserToken() });
		assert.equal(answer.status, 405);
		assert.equal(answer.headers.allow, 'POST');
		assertGuarded(answer);
	});
});

suite('on an instance that others use too', () => {
	const limited = use(() => startPolicies({ global: `<policies>
		<inbound>
			<rate-limit-by-key calls="3" renewal-period="60" counter-key="all" />
			<set-variable name="text" value='@(context.Request.Headers.ContainsKey("x-fail") ? int.Parse("x").ToString() : "")' />
		</inbound>
		<backend><forward-request timeout="60" /></backend>
		<outbound><set-header name="x-owner" exists-action="override"><value>another</value></set-header></outbound>
		<on-error />
	</policies>` }));
	beforeEach(() => limited().fresh());

	test('a failure of their APIs is theirs', async () => {
		const answer = await stage().ask('/neighbour');
		assert.deepEqual([answer.status, answer.text], [500, '']);
	});

	for (const path of ['/hello', METADATA_PATHS[0]]) {
		test(`what they limit is refused at ${path} in our words, with a minute's wait`, async () => {
			const { ask } = limited();
			for (let i = 0; i < 3; i++) assert.equal((await ask(path)).status, 200);
			const answer = await ask(path);
			assertRefused(answer, 429, 'throttled');
			assert.equal(answer.headers['retry-after'], '60');
		});
	}

	test('what fails in their policy is an error of the gateway', async () => {
		const answer = await limited().ask('/hello', { headers: { 'x-fail': '1' } });
		assertRefused(answer, 500, 'internal_error');
	});

	test('what they add to every answer is there', async () => {
		assert.equal((await limited().ask('/hello')).headers['x-owner'], 'another');
	});
});
