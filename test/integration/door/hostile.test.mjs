/*
 * What nobody who means well sends to the door, and Entra at its worst: the right status, clear words,
 * never a redirect, and nothing of a secret in the log.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { assertGuarded, send, startSandbox, use } from '../stage/fixture.mjs';
import { DoorClient, assertOAuthError, basic, doorEnv, formOf, modes } from '../stage/door.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra } = sandbox;
const PUBLIC = entra.directory.mcp.clientId;
const ORIGIN = 'https://app.example';
const env = doorEnv(sandbox, { ALLOWED_ORIGINS: ORIGIN, ENTRA_TIMEOUT_MS: '700' });
const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const LISTED = 'https://claude.ai/api/mcp/auth_callback';

/* [what, fields of an authorize request, error]: each wrong in this one way only. */
const AUTHORIZE = [
	['a resource of somebody else', { resource: 'https://evil.example/mcp' }, 'invalid_target'],
	['a resource beside ours', { resource: 'https://gateway.example/api/mcp2' }, 'invalid_target'],
	['Graph for a resource', { resource: 'https://graph.microsoft.com' }, 'invalid_target'],
	['an unlisted redirect_uri', { redirect_uri: 'https://evil.example/cb' }, 'invalid_redirect_uri'],
	['a listed one as user information', { redirect_uri: 'https://claude.ai@evil.example/api/mcp/auth_callback' }, 'invalid_redirect_uri'],
	['a listed one with a user', { redirect_uri: 'https://user@claude.ai/api/mcp/auth_callback' }, 'invalid_redirect_uri'],
	['a listed one with more behind its host', { redirect_uri: 'https://claude.ai.evil.example/api/mcp/auth_callback' }, 'invalid_redirect_uri'],
	['a listed one with more behind its path', { redirect_uri: `${LISTED}.evil.example` }, 'invalid_redirect_uri'],
	['a listed one in another case', { redirect_uri: 'https://Claude.ai/api/mcp/auth_callback' }, 'invalid_redirect_uri'],
	['a listed one encoded', { redirect_uri: 'https://claude.ai/api/mcp/auth%5fcallback' }, 'invalid_redirect_uri'],
	['a listed one encoded twice', { redirect_uri: encodeURIComponent(LISTED) }, 'invalid_redirect_uri'],
	['a listed one with a fragment', { redirect_uri: `${LISTED}#x` }, 'invalid_redirect_uri'],
	['a listed one with a query', { redirect_uri: `${LISTED}?next=https://evil.example` }, 'invalid_redirect_uri'],
	['a listed one that climbs', { redirect_uri: `${LISTED}/../../evil` }, 'invalid_redirect_uri'],
	['a listed one without TLS', { redirect_uri: LISTED.replace('https', 'http') }, 'invalid_redirect_uri'],
	['a loopback host with more behind it', { redirect_uri: 'http://localhost.evil.example/callback' }, 'invalid_redirect_uri'],
	['a loopback host as user information', { redirect_uri: 'http://127.0.0.1:80@evil.example/callback' }, 'invalid_redirect_uri'],
	['a loopback path that is nobody\'s', { redirect_uri: 'http://127.0.0.1:80/evil' }, 'invalid_redirect_uri'],
	['a script for a redirect_uri', { redirect_uri: 'javascript:alert(1)' }, 'invalid_redirect_uri'],
	['no redirect_uri', { redirect_uri: undefined }, 'invalid_request'],
	['no client_id', { client_id: undefined }, 'invalid_client'],
	['the client_id of somebody else', { client_id: '04b07795-8ddb-461a-bbee-02f9e1bf7b46' }, 'invalid_client'],
	['the client_id of the API', { client_id: env.CLIENT_ID }, 'invalid_client'],
	['a client_id without a path', { client_id: 'https://app.example' }, 'invalid_client'],
	['a client_id without TLS', { client_id: 'http://app.example/c.json' }, 'invalid_client'],
	['PKCE plain', { code_challenge_method: 'plain' }, 'invalid_request'],
	['a challenge without its method', { code_challenge_method: undefined }, 'invalid_request'],
	['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
	['a short challenge', { code_challenge: 'abc' }, 'invalid_request'],
	['response_type=token', { response_type: 'token' }, 'unsupported_response_type'],
	['response_type=code id_token', { response_type: 'code id_token' }, 'unsupported_response_type'],
	['no response_type', { response_type: undefined }, 'invalid_request'],
	['response_mode=form_post', { response_mode: 'form_post' }, 'invalid_request'],
	['response_mode=fragment', { response_mode: 'fragment' }, 'invalid_request'],
	['claims that are no JSON', { claims: 'x' }, 'invalid_request'],
	['claims that are too long', { claims: `{"a":"${'x'.repeat(4100)}"}` }, 'invalid_request'],
	['a huge state', { state: 'x'.repeat(5000) }, 'invalid_request'],
	['more fields than anybody has', Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`f${i}`, 'x'])), 'invalid_request'],
];
/* Those that count: what is there twice may not be read in two ways. */
const COUNTED = ['client_id', 'redirect_uri', 'response_type', 'response_mode', 'code_challenge',
	'code_challenge_method', 'resource', 'login_hint', 'domain_hint', 'prompt', 'claims'];

for (const [mode, start] of Object.entries(modes(env)))
	describe(mode, () => { hostile(mode, start); });

function hostile(mode, start) {
	const handler = use(start);
	const client = (options) => new DoorClient(handler(), options);
	const asked = () => entra.counts.token;

	for (const [what, fields, error] of AUTHORIZE) {
		test(`authorize with ${what} is refused where it is, as JSON and as a page`, async () => {
			assertOAuthError(await client().authorize(fields), 400, error);
			const page = await client().authorize(fields, BROWSER);
			assert.deepEqual([page.status, page.headers.location, page.headers['content-type']],
				[400, undefined, 'text/html; charset=utf-8']);
			assert.match(page.text, new RegExp(`<small>${error}, request [\\w-]+</small>`));
		});
	}

	test('authorize asks nobody for a password', async () => {
		const answer = assertOAuthError(await client().authorize({ client_id: 'x' }, basic('x', 'y')), 400, 'invalid_client');
		assert.equal(answer.headers['www-authenticate'], undefined);
	});

	test('authorize with a parameter twice is refused, by count or by grammar', async () => {
		const good = { client_id: PUBLIC, redirect_uri: LISTED, response_type: 'code', response_mode: 'query',
			code_challenge: client().challenge, code_challenge_method: 'S256', login_hint: 'a@b.example',
			domain_hint: 'b.example', prompt: 'login', claims: '{}', resource: `${env.APIM_GATEWAY_URL}/mcp` };
		assert.equal((await client().authorize(good)).status, 302);
		for (const name of COUNTED) {
			for (const other of [name, name.toUpperCase()]) {
				const { status, headers, text } = await send(`${client().authorizeUrl(good)}&${formOf({ [other]: good[name] })}`);
				assert.deepEqual([status, headers.location], [400, undefined], `${other} ${text}`);
			}
		}
		/* Where the host has joined it, a state is the client's own to refuse. */
		const twice = await client().authorize({ state: ['a', 'b'] });
		if (mode === 'forwarding') assert.equal(new URL(twice.headers.location).searchParams.get('state'), 'a,b');
		else assertOAuthError(twice, 400, 'invalid_request');
	});

	test('no parameter, whatever it holds, makes a header or leaves the query', async () => {
		const evil = 'x\r\nSet-Cookie: a=b\r\n\r\n<script>';
		for (const name of ['state', ...COUNTED, 'scope', 'unknown']) {
			const answer = await client().authorize({ [name]: evil });
			assertOAuthError(answer, 400, 'invalid_request', name);
			assert.equal(answer.headers['set-cookie'], undefined);
		}
		for (const bytes of ['%00', '%ff', '%c0%af', '%', '%zz', '%0a', '%7f']) {
			const { status, headers } = await send(`${client().authorizeUrl()}&login_hint=${bytes}`);
			/* What is no UTF-8 the forwarding host replaces before. */
			if (status !== 302) assert.equal(status, 400, bytes);
			else assert.deepEqual([mode, new URL(headers.location).host], ['forwarding', new URL(entra.url).host], bytes);
		}
		const { headers } = await client().authorize({ state: '&redirect_uri=https://evil.example#"<>' });
		assert.equal(new URL(headers.location).searchParams.get('redirect_uri'), 'http://localhost:3334/callback');
	});

	test('the page escapes what it shows, loads nothing, and has the command that adds the address', async () => {
		const script = await client().authorize({ redirect_uri: 'https://evil.example/"><script>alert(1)</script>' }, BROWSER);
		assert.ok(!script.text.includes('<script'), script.text);
		assert.ok(!script.text.includes('redirect-uri RG'), 'no command for what cannot be listed');
		const uri = 'https://chatgpt.com/connector/oauth/a1b2c3';
		const page = await client().authorize({ redirect_uri: uri }, BROWSER);
		assertGuarded(page);
		assert.match(page.headers['content-security-policy'], /^default-src 'none'; base-uri 'none'; form-action 'none'; /);
		const text = page.text.replaceAll('&#39;', '\'').replaceAll('&amp;', '&');
		assert.ok(text.includes(`<pre>${uri}</pre>`));
		assert.ok(text.includes(`<pre>make redirect-uri RG=GROUP URI='${uri}'</pre>`), text);
		const { json } = await client().authorize({ redirect_uri: uri });
		assert.ok(json.error_description.includes(`'${uri}'`), json.error_description);
	});

	test('what a command line would run is in no command', async () => {
		for (const uri of ['https://a.example/\';id;\'', 'https://a.example/`id`', 'https://a.example/x,y', 'https://a.example/a b', 'https://a.example/$(shell id)', 'https://a.example/${HOME}'])
			assert.ok(!(await client().authorize({ redirect_uri: uri }, BROWSER)).text.includes('redirect-uri RG'), uri);
	});

	test('other grants are refused and not sent on', async () => {
		for (const grant_type of ['password', 'client_credentials', 'implicit', 'urn:ietf:params:oauth:grant-type:jwt-bearer',
			'urn:ietf:params:oauth:grant-type:device_code', 'urn:ietf:params:oauth:grant-type:token-exchange'])
			assertOAuthError(await client().token({ grant_type, username: 'a', password: 'b', assertion: 'c' }), 400,
				'unsupported_grant_type', grant_type);
		assertOAuthError(await client().token({}), 400, 'invalid_request');
		assert.equal(asked(), 0);
	});

	test('token requests that are wrong are refused before Entra is asked', async () => {
		const evil = 'x\r\nSet-Cookie: a=b';
		for (const [what, fields, status, error, headers] of [
			['no client_id', { client_id: undefined }, 400, 'invalid_client'],
			['somebody else\'s', { client_id: '04b07795-8ddb-461a-bbee-02f9e1bf7b46' }, 400, 'invalid_client'],
			['somebody else\'s by Basic', { client_id: undefined }, 401, 'invalid_client', basic('04b07795-8ddb-461a-bbee-02f9e1bf7b46', 's')],
			['a Bearer for a client', {}, 401, 'invalid_client', { authorization: 'Bearer x' }],
			['two clients', {}, 400, 'invalid_request', basic(PUBLIC, '')],
			['a foreign resource', { resource: 'https://evil.example/' }, 400, 'invalid_target'],
			['a foreign redirect_uri', { redirect_uri: 'https://evil.example/' }, 400, 'invalid_redirect_uri'],
			['no redirect_uri', { redirect_uri: undefined }, 400, 'invalid_request'],
			['no verifier', { code_verifier: undefined }, 400, 'invalid_request'],
			['a short verifier', { code_verifier: 'abc' }, 400, 'invalid_request'],
			['no code', { code: undefined }, 400, 'invalid_request'],
			['two codes', { code: ['a', 'b'] }, 400, 'invalid_request'],
			['two verifiers', { code_verifier: ['a'.repeat(43), 'a'.repeat(43)] }, 400, 'invalid_request'],
			['two clients in the form', { client_id: [PUBLIC, PUBLIC] }, 400, 'invalid_request'],
			['two scopes', { scope: ['a', 'b'] }, 400, 'invalid_request'],
			...['code', 'client_id', 'redirect_uri', 'resource', 'scope', 'client_secret', 'unknown'].map((name) =>
				[`a header in ${name}`, { [name]: evil }, 400, 'invalid_request']),
		]) {
			const answer = await client().redeem('a-code', fields, headers);
			assertOAuthError(answer, status, error, what);
			assert.equal(answer.headers['www-authenticate'], status === 401 ? 'Basic realm="graph-mcp-handler"' : undefined, what);
		}
		assert.equal(asked(), 0);
	});

	test('huge, malformed and other than forms are refused', async () => {
		const { verifier } = client();
		const post = (...args) => client().post('/oauth/token', ...args);
		assertOAuthError(await post(`grant_type=refresh_token&refresh_token=${'r'.repeat(70_000)}`), 413, 'invalid_request');
		assertOAuthError(await post('x'.repeat(1_100_000)), 413, 'invalid_request');
		assertOAuthError(await post(JSON.stringify({ grant_type: 'refresh_token', refresh_token: 'r', client_id: PUBLIC }),
			{ 'content-type': 'application/json' }), 415, 'invalid_request');
		assertOAuthError(await post('grant_type=refresh_token', { 'content-type': 'text/plain' }), 415, 'invalid_request');
		for (const body of ['grant_type=%', 'grant_type=%00', 'a=%0d%0a', '%ff=x', `code_verifier=${verifier}&%`, '&'.repeat(90) + 'a=1'.repeat(3),
			Array.from({ length: 80 }, (_, i) => `a${i}=1`).join('&'), '{"grant_type":"refresh_token"}'])
			assertOAuthError(await post(body), 400, 'invalid_request', body.slice(0, 40));
		/* Without a body the forwarding host leaves its type out as well. */
		assertOAuthError(await post(''), mode === 'forwarding' ? 415 : 400, 'invalid_request');
		assert.equal(asked(), 0);
	});

	test('other methods and places are refused in OAuth\'s form, or have no route', async () => {
		for (const [method, path, allow] of [['POST', 'authorize', 'GET, HEAD, OPTIONS'], ['GET', 'token', 'POST, OPTIONS'],
			['GET', 'register', 'POST, OPTIONS'], ['HEAD', 'token', 'POST, OPTIONS']]) {
			const answer = await send(`${handler().url}/oauth/${path}`, { method, headers: { 'content-length': 0 } });
			assert.deepEqual([answer.status, answer.headers.allow], [405, allow], path);
			if (method !== 'HEAD') assertOAuthError(answer, 405, 'invalid_request');
		}
		for (const path of ['/oauth/', '/oauth/callback', '/oauth/tokens', '/oauth/token/x', '/oauth']) {
			const answer = await send(handler().url + path);
			assert.equal(answer.status, 404, path);
			if (mode === 'alone') assertOAuthError(answer, 404, 'invalid_request');
		}
		if (mode !== 'alone') return;
		assertOAuthError(await send(handler().url, { target: '/oauth/%2e%2e/token' }), 400, 'invalid_request');
		const put = await send(`${handler().url}/oauth/token`, { method: 'PUT', headers: { 'content-length': 0 } });
		assert.equal(assertOAuthError(put, 405, 'invalid_request').headers.allow, 'POST, OPTIONS');
	});

	test('pages of strange origins may neither ask for tokens nor register, and only known ones read', async () => {
		for (const origin of ['https://evil.example', 'null']) {
			assertOAuthError(await client().refresh('r', {}, { origin }), 403, 'access_denied');
			const answer = await client().register({ redirect_uris: [LISTED] }, { origin });
			assertOAuthError(answer, 403, 'access_denied');
			assert.equal(answer.headers['access-control-allow-origin'], undefined);
		}
		assert.equal(asked(), 0);
		for (const path of ['token', 'register']) {
			const { status, headers } = await send(`${handler().url}/oauth/${path}`, { method: 'OPTIONS', headers: { origin: ORIGIN,
				'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type, authorization' } });
			assert.deepEqual([status, headers['access-control-allow-origin']], [204, ORIGIN]);
			assert.match(headers['access-control-allow-headers'], /\bauthorization\b.*\bcontent-type\b/);
		}
		const answer = await client().register({ redirect_uris: [LISTED] }, { origin: ORIGIN });
		assert.deepEqual([answer.status, answer.headers['access-control-allow-origin'],
			answer.headers['access-control-allow-credentials']], [201, ORIGIN, undefined]);
	});

	test('Entra down, throttled, slow, cut off, oversized or speaking HTML is temporarily_unavailable', async () => {
		const html = { 'content-type': 'text/html' };
		for (const [fault, status] of [[{ kind: 'http_503', retryAfter: 7 }, 503], [{ kind: 'http_500_html' }, 503],
			[{ kind: 'html_502' }, 503], [{ kind: 'http_429', retryAfter: 11 }, 429], [{ kind: 'http_429', retryAfter: null }, 429],
			[{ kind: 'empty_body' }, 503], [{ kind: 'not_json' }, 503], [{ kind: 'huge' }, 503], [{ kind: 'close' }, 503],
			[{ kind: 'stall' }, 503], [{ kind: 'cut_body' }, 503], [{ kind: 'truncated_json' }, 503],
			[{ kind: 'raw', status: 200, headers: html, body: '<html>' }, 503],
			[{ kind: 'raw', status: 302, headers: { location: 'https://evil.example/' }, body: '' }, 503],
			[{ kind: 'raw', status: 400, headers: html, body: '<html>' }, 503]]) {
			entra.fail({ times: 1, ...fault });
			const before = asked();
			const answer = assertOAuthError(await client().redeem('SecretCodeNobodyLogs'), status, 'temporarily_unavailable', fault.kind);
			assert.match(answer.headers['retry-after'], /^[1-9]\d*$/, fault.kind);
			if (fault.retryAfter) assert.equal(answer.headers['retry-after'], String(fault.retryAfter));
			assert.equal(asked() - before, 1, `${fault.kind}: a code is sent once`);
			entra.clearFailures();
		}
	});

	test('a code is sent once, on a kept connection that dies as well', async () => {
		const first = await client().redeem('SecretCodeNobodyLogs');
		assert.deepEqual([first.status, first.json.error], [400, 'invalid_grant']);
		entra.fail({ kind: 'close', times: 1 });
		const before = asked();
		assertOAuthError(await client().redeem('SecretCodeNobodyLogs'), 503, 'temporarily_unavailable');
		assert.equal(asked() - before, 1);
	});

	test('nothing that passed through stands in the log', async () => {
		const secrets = { code: 'SecretCodeNobodyLogs', code_verifier: 'SecretVerifier'.repeat(4), client_secret: 'SecretOfTheClient',
			client_assertion: 'SecretAssertion.x.y', refresh_token: 'SecretRefreshToken', state: 'SecretState', login_hint: 'SecretHint@x' };
		for (const more of [{}, { resource: 'https://SecretResource.example/' }, { redirect_uri: 'https://SecretRedirect.example/' },
			{ client_id: 'SecretClient' }, { grant_type: 'SecretGrant' }, { code: ['SecretCode1', 'SecretCode2'] }]) {
			await client().redeem('SecretCode', { ...secrets, ...more });
			await client().refresh('SecretRefresh', { ...secrets, ...more });
			await client().authorize({ ...secrets, ...more });
			await client().register({ ...secrets, redirect_uris: ['https://SecretRedirect.example/'] });
		}
		await client().redeem('x', { client_id: undefined }, basic('SecretName', 'SecretPassword'));
		const own = handler().lines.map(({ text }) => text).filter((text) => /Secret/.test(text));
		assert.deepEqual(own, []);
	});
}
