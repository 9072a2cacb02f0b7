/* What the rendered policies do to those who sign in by way of the gateway: routes, documents, and where both are named. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { beforeEach, suite, test } from 'node:test';
import http from '../../sandbox/common/http.mjs';
import { MCP_CLIENT_ID } from '../../sandbox/entra/directory.mjs';
import { FORM, assertOAuthError } from '../stage/door.mjs';
import { use } from '../stage/fixture.mjs';
import { FUNCTION_KEY, GATEWAY_URL, LOGIN, METADATA, ORIGIN, RESOURCE, assertGuarded, assertRefused, startPolicies } from '../stage/policies_stage.mjs';

const ROUTES = [['GET', '/oauth/authorize'], ['POST', '/oauth/token'], ['POST', '/oauth/register']];
const POSTS = ROUTES.slice(1).map(([, path]) => path);
const SERVER = '/.well-known/oauth-authorization-server';
const DOCUMENTS = ['oauth-authorization-server', 'openid-configuration'].flatMap((name) =>
	['', '/mcp', '/a/b'].map((path) => `/.well-known/${name}${path}`));
const LIMIT_BYTES = 65_536;
const PAGE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

const stage = use(() => startPolicies());
const door = use(() => startPolicies({ door: true }));
beforeEach(() => Promise.all([stage().fresh(), door().fresh()]));

/* An error of the gateway's own, in OAuth's form. */
function refused(answer, status, error) {
	assertOAuthError(answer, status, error);
	assertGuarded(answer);
	assert.equal(Object.hasOwn(answer.headers, 'retry-after'), [429, 503].includes(status));
	return answer;
}

suite('the routes', () => {
	for (const [method, path] of ROUTES) {
		test(`${path} reaches the handler with the function key, and with Basic only where it is for tokens`, async () => {
			const { ask, backend } = stage();
			const authorization = 'Basic aHR0cHMlM0ElMkYlMkZhOg==';
			const answer = await ask(`${path}?state=s%2C&subscription-key=x`, { method, body: method === 'POST' ? 'a=b' : undefined,
				headers: { authorization, cookie: 'a=b', 'content-type': FORM } });
			assert.equal(answer.status, 200, answer.text);
			const [{ url, body, headers }] = backend.requests;
			assert.deepEqual([url, body], [`${path}?state=s%2C`, method === 'POST' ? 'a=b' : '']);
			assert.deepEqual([headers.authorization, headers.cookie, headers['x-functions-key']],
				[path === '/oauth/token' ? authorization : undefined, undefined, FUNCTION_KEY]);
			assert.equal(headers['x-request-id'], answer.headers['x-request-id']);
		});
	}

	test('what the handler answers passes, but for what guards it', async () => {
		const { ask, backend } = stage();
		backend.answer = () => ({ status: 302, headers: { location: 'https://login.example/?a=b', 'cache-control': 'public' }, body: '' });
		const answer = await ask('/oauth/authorize');
		assert.deepEqual([answer.status, answer.headers.location], [302, 'https://login.example/?a=b']);
		assert.deepEqual([answer.headers['cache-control'], answer.headers['content-security-policy']], ['no-store', PAGE_POLICY]);
	});

	test('a body is let through up to what the handler reads, and refused beyond it', async () => {
		const { ask, backend } = stage();
		for (const path of POSTS) {
			assert.equal((await ask(path, { method: 'POST', body: 'a'.repeat(LIMIT_BYTES) })).status, 200);
			backend.requests = [];
			const answer = refused(await ask(path, { method: 'POST', body: 'a'.repeat(LIMIT_BYTES + 1) }), 413, 'invalid_request');
			assert.equal(answer.json.error_description, 'The request body is larger than the limit.');
			assert.equal(answer.reason, 'Payload Too Large');
			assert.deepEqual(backend.requests, []);
		}
	});

	test('a body of unknown length is the handler\'s to count', async () => {
		const request = http.request(`${stage().url}/oauth/token`, { method: 'POST', agent: false, headers: { 'transfer-encoding': 'chunked' } });
		request.end('grant_type=x');
		const [response] = await once(request, 'response');
		response.resume();
		assert.equal(response.statusCode, 200);
		assert.equal(stage().backend.requests[0].body, 'grant_type=x');
	});

	test('a web page of an allowed origin may call, and read what it is refused with', async () => {
		const { ask, backend } = stage();
		const preflight = await ask('/oauth/token', { method: 'OPTIONS', headers: { origin: ORIGIN, 'access-control-request-method': 'POST' } });
		assert.equal(preflight.headers['access-control-allow-origin'], ORIGIN);
		backend.answer = (request) => request.socket.destroy();
		for (const [origin, allowed] of [[ORIGIN, ORIGIN], ['https://evil.example', undefined]]) {
			const answer = await ask('/oauth/token', { method: 'POST', body: 'a=b', headers: { origin } });
			assert.equal(refused(answer, 503, 'temporarily_unavailable').headers['access-control-allow-origin'], allowed);
		}
	});
});

suite('what fails is told as OAuth does', () => {
	test('a function app that breaks off', async () => {
		const { ask, backend } = stage();
		backend.answer = (request) => request.socket.destroy();
		for (const [method, path] of ROUTES) {
			const { headers, reason, json } = refused(await ask(path, { method }), 503, 'temporarily_unavailable');
			assert.deepEqual([headers['retry-after'], reason], ['5', 'Service Unavailable']);
			assert.equal(json.error_description, 'The service behind the gateway cannot be reached at the moment; try again.');
		}
	});

	test('a function app that takes too long', async () => {
		const { ask, backend, advance } = stage();
		backend.answer = async () => {
			await advance(61);
			return new Promise(() => {});
		};
		const { headers, json } = refused(await ask('/oauth/token', { method: 'POST' }), 503, 'temporarily_unavailable');
		assert.equal(headers['retry-after'], '5');
		assert.match(json.error_description, /did not answer in time/);
	});

	const PLATFORM = { 'a wrong key': [401, {}], 'a host that starts': [503, { 'content-type': 'text/plain' }, 'Function host is not running.'],
		'a handler that is gone': [502, { 'content-type': 'text/html' }, '<h1>Bad Gateway</h1>'], 'no type at all': [400, { 'content-type': '' }, 'x'],
		'too many for it': [429, { 'content-type': 'text/plain' }, 'x'] };
	for (const [what, [status, headers, body = '']] of Object.entries(PLATFORM)) {
		test(`the platform's own word for ${what}`, async () => {
			const { ask, backend } = stage();
			backend.answer = () => ({ status, headers: { 'content-type': 'text/plain', ...headers }, body });
			for (const path of POSTS) {
				const answer = refused(await ask(path, { method: 'POST' }), 503, 'temporarily_unavailable');
				assert.match(answer.json.error_description, /service behind the gateway cannot be reached/);
			}
		});
	}

	test('the handler\'s own errors pass as they are, its page at /oauth/authorize alone', async () => {
		const { ask, backend } = stage();
		const text = '{"error":"invalid_grant","error_description":"AADSTS54005: a code counts once."}';
		backend.answer = () => ({ status: 400, headers: { 'content-type': 'application/json' }, body: text });
		for (const [method, path] of ROUTES) {
			const answer = await ask(path, { method });
			assert.deepEqual([answer.status, answer.text], [400, text]);
		}
		backend.answer = () => ({ status: 400, headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<h1>No</h1>' });
		const page = await ask('/oauth/authorize');
		assert.deepEqual([page.status, page.text, page.headers['content-security-policy']], [400, '<h1>No</h1>', PAGE_POLICY]);
		for (const path of POSTS) refused(await ask(path, { method: 'POST' }), 503, 'temporarily_unavailable');
		backend.answer = () => ({ status: 399, headers: { 'content-type': 'text/plain' }, body: 'no error' });
		assert.equal((await ask('/oauth/authorize')).status, 399);
	});

	const failing = use(() => startPolicies({ global: `<policies>
		<inbound><set-variable name="text" value='@(int.Parse("x").ToString())' /></inbound>
		<backend><forward-request timeout="60" /></backend><outbound /><on-error />
	</policies>` }));

	test('the gateway itself', async () => {
		const { json, reason } = refused(await failing().ask('/oauth/token', { method: 'POST' }), 500, 'server_error');
		assert.deepEqual([json.error_description, reason], ['Something went wrong on this server.', 'Internal Server Error']);
	});
});

suite('too many calls', () => {
	const many = (n, ask) => Promise.all(Array.from({ length: n }, ask));
	const few = use(() => startPolicies({ settings: { RATE_PER_ADDRESS: '9', RATE_SIGN_IN: '6' } }));
	beforeEach(() => few().fresh());

	const throttled = ({ headers, reason, json }) => {
		assert.ok(Number(headers['retry-after']) >= 1 && Number(headers['retry-after']) <= 40, headers['retry-after']);
		assert.deepEqual([reason, json.error_description], ['Too Many Requests', 'Too many requests; wait as Retry-After says.']);
	};

	test('of one address to all routes together are refused until the minute is over, and nothing else is', async () => {
		const { ask, advance } = few();
		for (const [method, path] of ROUTES)
			for (const { status } of await many(2, () => ask(path, { method }))) assert.equal(status, 200);
		await advance(20);
		for (const [method, path] of ROUTES.slice(0, 2)) throttled(refused(await ask(path, { method }), 429, 'temporarily_unavailable'));
		assert.equal((await ask('/tools')).status, 200);
		await advance(41);
		assert.equal((await ask('/oauth/token', { method: 'POST' })).status, 200);
	});

	test('of one address to anything count for them too', async () => {
		const { ask, advance } = few();
		for (const { status } of await many(9, () => ask('/tools'))) assert.equal(status, 200);
		await advance(20);
		for (const [method, path] of ROUTES) throttled(refused(await ask(path, { method }), 429, 'temporarily_unavailable'));
	});
});

suite('the documents about signing in', () => {
	const text = '{"issuer":"https://gw.example"}';

	for (const path of DOCUMENTS) {
		test(`${path} is the handler's one document, open to all`, async () => {
			const { ask, backend } = stage();
			backend.answer = () => ({ body: text });
			const answer = await ask(`${path}?a=b&code=x`, { token: 'anything', headers: { origin: 'https://any.example', 'x-functions-key': 'mine', cookie: 'a=b' } });
			assert.deepEqual([answer.status, answer.text, answer.headers['content-type']], [200, text, 'application/json']);
			assertGuarded(answer, 'public, max-age=3600');
			assert.equal(answer.headers['access-control-allow-origin'], '*');
			const [{ url, headers }, ...more] = backend.requests;
			assert.deepEqual([url, headers.authorization, headers.cookie, headers['x-functions-key'], more],
				[SERVER, undefined, undefined, FUNCTION_KEY, []]);
			assert.equal(headers['x-request-id'], answer.headers['x-request-id']);
		});
	}

	test('what is no document is never kept', async () => {
		const { ask, backend } = stage();
		backend.answer = () => ({ status: 404, headers: { 'cache-control': 'public' }, body: '{"error":{"code":"not_found"}}' });
		const answer = await ask(SERVER);
		assert.equal(answer.status, 404);
		assertGuarded(answer);
		backend.answer = (request) => request.socket.destroy();
		assertRefused(await ask(SERVER), 503, 'upstream_unavailable');
	});

	test('one that takes too long is a 504', async () => {
		const { ask, backend, advance } = stage();
		let late = 50;
		backend.answer = async () => {
			await advance(late);
			return late > 60 ? new Promise(() => {}) : {};
		};
		assert.equal((await ask(SERVER)).status, 200);
		late = 61;
		assertRefused(await ask(SERVER), 504, 'upstream_timeout');
	});

	const deep = use(() => startPolicies({ door: true, settings: { APIM_GATEWAY_URL: `${GATEWAY_URL}/a/b` } }));

	test('a gateway with a path has them with the path behind, and before', async () => {
		const { ask, backend } = deep();
		for (const name of ['oauth-authorization-server', 'openid-configuration'])
			for (const path of [`/.well-known/${name}/a/b`, `/a/b/.well-known/${name}`, `/.well-known/${name}`])
				assert.equal((await ask(path)).status, 200, path);
		assert.deepEqual(backend.requests.map(({ url }) => url), Array(6).fill(SERVER));
		assert.equal((await ask('/a/b/oauth/token', { method: 'POST' })).status, 200);
	});
});

suite('where MCP clients sign in by way of the gateway', () => {
	const scope = () => `api://${door().entra.clientId}/access_as_user`;

	test('challenges ask for a scope that Entra knows by the API\'s id', async () => {
		const { ask, entra } = door();
		for (const [method, path] of [['POST', '/mcp'], ['GET', '/me']]) {
			assert.equal((await ask(path, { method })).headers['www-authenticate'], `Bearer resource_metadata="${METADATA}", scope="${scope()}"`);
			const { headers } = await ask(path, { method, token: await entra.mintHostile('expired') });
			assert.equal(headers['www-authenticate'], `Bearer error="invalid_token", resource_metadata="${METADATA}", scope="${scope()}"`);
		}
	});

	for (const path of ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp']) {
		test(`${path} names the gateway and that scope`, async () => {
			assert.deepEqual((await door().ask(path)).json, { resource: RESOURCE, authorization_servers: [GATEWAY_URL],
				scopes_supported: [scope()], bearer_methods_supported: ['header'], resource_name: 'Microsoft Graph for MCP' });
		});
	}

	test('a token of the public client passes; elsewhere it does not', async () => {
		for (const [{ ask, entra }, status] of [[door(), 200], [stage(), 403]]) {
			const token = await entra.mintUserToken({ claims: { azp: MCP_CLIENT_ID } });
			for (const [method, path] of [['POST', '/mcp'], ['GET', '/me']]) assert.equal((await ask(path, { method, token })).status, status, path);
		}
	});

	test('a claims challenge of /me is for clients that know Entra, and names it', async () => {
		const { ask, entra } = door();
		entra.fail({ kind: 'interaction_required' });
		const { headers } = await ask('/me', { token: await entra.mintUserToken() });
		assert.ok(headers['www-authenticate'].includes(`authorization_uri="${LOGIN}/${entra.tenantId}/oauth2/v2.0/authorize"`));
	});
});
