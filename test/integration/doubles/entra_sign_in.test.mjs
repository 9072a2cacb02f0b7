/*
 * Proves that the sandbox Entra signs people in as the real one does: the pages, what is told to the
 * client and what is not, consent, and multi-factor.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import * as jose from 'jose';
import { chromium, startBrowser } from '../stage/browser.mjs';
import { CALLBACK, EntraClient, assertAadsts, assertOwnPage, assertToldBack } from '../stage/entra_client.mjs';
import { use } from '../stage/fixture.mjs';
import { Person } from '../stage/person.mjs';
import { freshSandbox } from '../stage/sandbox.mjs';

const sandbox = await freshSandbox();
const { entra } = sandbox;
const client = () => new EntraClient(entra);

describe('a sign-in', () => {
	test('goes by account and consent to a code, and the code to tokens of the person for the API', async () => {
		const [one, person] = [client(), new Person({ user: 'zoe' })];
		const { url, code, state, fields } = await one.signIn({}, person);
		assert.deepEqual(person.pages, ['choose-account', 'consent']);
		assert.ok(url.href.startsWith(`${CALLBACK}?code=`) && code.length > 500 && fields.session_state);
		assert.equal(state, 'a state');
		const { status, headers, body } = await one.redeem(code);
		assert.equal(status, 200, body.error_description);
		assert.match(headers.get('cache-control'), /no-store/);
		assert.deepEqual(Object.keys(body), ['token_type', 'scope', 'expires_in', 'ext_expires_in',
			'access_token', 'refresh_token']);
		assert.equal(body.scope, `api://${entra.clientId}/access_as_user`);
		assert.equal(body.token_type, 'Bearer');
	});

	test('gives an access token of the shape that is minted for tests, with the client as azp', async () => {
		const { access_token } = await client().tokens();
		const [issued, minted] = [access_token, await entra.mintUserToken()].map((one) => jose.decodeJwt(one));
		assert.deepEqual(Object.keys(issued).sort(), Object.keys(minted).sort());
		const { azp, azpacr, scp, aud, oid } = issued;
		assert.deepEqual([azp, azpacr, scp, aud, oid], [entra.directory.mcp.clientId, '0', 'access_as_user',
			entra.clientId, entra.users.adele.oid]);
		const exchange = await sandbox.exchange({ assertion: access_token });
		assert.equal(exchange.status, 200, exchange.body.error_description);
	});

	test('gives a refresh token only for offline_access, and an id token only for openid', async () => {
		const api = `api://${entra.clientId}/access_as_user`;
		const bare = await client().tokens({ scope: api });
		assert.deepEqual([bare.refresh_token, bare.id_token], [undefined, undefined]);
		const { id_token } = await client().tokens({ scope: `${api} openid profile`, nonce: 'a nonce' });
		const { aud, nonce, preferred_username, email, iss } = jose.decodeJwt(id_token);
		assert.deepEqual([aud, nonce, preferred_username, email, iss], [entra.directory.mcp.clientId, 'a nonce',
			entra.users.adele.username, undefined, `${entra.url}/${entra.tenantId}/v2.0`]);
		const other = jose.decodeJwt((await client().tokens({ scope: `${api} openid email` })).id_token);
		assert.deepEqual([other.preferred_username, other.email], [undefined, entra.users.adele.mail]);
	});

	test('gives an API with tokens of version 1 such a token, with the client as appid', async () => {
		Object.assign(entra.directory.api, { tokenVersion: 1 });
		const read = async (options) => jose.decodeJwt((await client().tokens({}, options)).access_token);
		const { ver, aud, appid, amr } = await read();
		assert.deepEqual([ver, aud, appid, amr], ['1.0', `api://${entra.clientId}`, entra.directory.mcp.clientId, ['pwd']]);
		entra.directory.requireMfa();
		assert.deepEqual((await read({ person: new Person() })).amr, ['pwd', 'mfa']);
	});

	test('for another API gives a token that is not for ours', async () => {
		const { clientId } = entra.directory.register({ identifierUris: ['api://other'], scopes: ['read'] });
		const { access_token } = await client().tokens({ scope: 'api://other/read' });
		assert.deepEqual([jose.decodeJwt(access_token).aud, jose.decodeJwt(access_token).scp], [clientId, 'read']);
	});

	test('can be made to give tokens that end at once, for clients that refresh', async () => {
		entra.userTokens = { expiresIn: 1 };
		const { access_token, expires_in } = await client().tokens();
		const { iat, exp } = jose.decodeJwt(access_token);
		assert.deepEqual([exp - iat, expires_in], [1, 1]);
	});

	test('is remembered by the browser, not by the next one; prompt asks again', async () => {
		const person = new Person();
		await client().code({}, person);
		await client().code({}, person);
		assert.deepEqual(person.pages, []);
		for (const prompt of ['login', 'select_account']) {
			await client().code({ prompt }, person);
			assert.deepEqual(person.pages, ['choose-account'], prompt);
		}
		await client().code({ login_hint: entra.users.zoe.username }, Object.assign(person, { user: 'zoe' }));
		assert.deepEqual(person.pages, ['choose-account', 'consent']);
	});

	test('answers in the query, the fragment or a form that posts itself', async () => {
		const { url } = await client().signIn({ response_mode: 'fragment' });
		assert.deepEqual([url.search, new URLSearchParams(url.hash.slice(1)).get('state')], ['', 'a state']);
		const { posted, code, state } = await client().signIn({ response_mode: 'form_post' });
		assert.ok(posted && code && state === 'a state');
	});
});

describe('a refresh', () => {
	test('without scope gives what was granted, and a new refresh token', async () => {
		const one = client();
		const first = await one.tokens();
		const { status, body } = await one.refresh(first.refresh_token);
		assert.equal(status, 200, body.error_description);
		assert.equal(body.scope, first.scope);
		assert.notEqual(body.access_token, first.access_token);
		assert.ok(body.refresh_token && body.refresh_token !== first.refresh_token);
		assert.equal((await one.refresh(body.refresh_token)).status, 200);
	});

	test('with a used token works, and by a switch does not', async () => {
		const one = client();
		const { refresh_token } = await one.tokens();
		await one.refresh(refresh_token);
		assert.equal((await one.refresh(refresh_token)).status, 200);
		entra.directory.set('usedRefreshToken', 'refused');
		assertAadsts(await one.refresh(refresh_token), 50173, 'invalid_grant');
	});
});

describe('what goes wrong', () => {
	test('before the redirect URI is known to be good is shown on a page, never told', async () => {
		const outcome = (fields) => client().signIn(fields);
		assertOwnPage(await outcome({ client_id: undefined }), 900144);
		assertOwnPage(await outcome({ client_id: 'https://claude.ai/oauth/claude-code-client-metadata' }), 700016);
		assertOwnPage(await outcome({ redirect_uri: undefined }), 900971);
		assertOwnPage(await outcome({ redirect_uri: 'https://evil.example/callback' }), 50011);
		assertOwnPage(await new Person().signIn(client().authorizeUrl({}, { tenant: 'common' })), 50194);
		assertOwnPage(await new Person().signIn(client().authorizeUrl({}, { tenant: entra.clientId })), 90002);
		assertOwnPage(await new Person().signIn(`${client().authorizeUrl()}&state=twice`), 9000411);
	});

	test('after it is told to the client, with its state', async () => {
		const told = async (fields, code, error) => assertToldBack(await client().signIn(fields), code, error);
		await told({ response_type: undefined }, 900144, 'invalid_request');
		await told({ response_type: 'token' }, 700051, 'unsupported_response_type');
		await told({ response_mode: 'web_message' }, 90023, 'invalid_request');
		await told({ code_challenge: 'short' }, 501491, 'invalid_request');
		await told({ claims: 'no JSON' }, 9002313, 'invalid_request');
	});

	test('a name in a page is text, not markup', async () => {
		const redirect_uri = 'https://evil.example/"><script>alert(1)</script>';
		const response = await fetch(client().authorizeUrl({ redirect_uri }));
		assert.match(response.headers.get('content-type'), /^text\/html/);
		assert.doesNotMatch(await response.text(), /<script>alert/);
	});
});

/* A client's redirect URI that shows what it was brought: {url, stop}. */
async function startCallback() {
	const server = createServer(async (request, response) => {
		const body = Buffer.concat(await request.toArray()).toString();
		const fields = new URLSearchParams(body || new URL(request.url, 'http://localhost').search);
		response.setHeader('content-type', 'text/plain');
		response.end(`${request.method} brought ${[...fields.keys()].join(' ')}: ${fields.get('error_description')}`);
	}).listen(0, 'localhost');
	await once(server, 'listening');
	return { url: `http://localhost:${server.address().port}/callback`,
		async stop() {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		} };
}

describe('in a real browser', { skip: chromium ? false : 'there is no chromium' }, () => {
	const browser = use(startBrowser);
	const callback = use(startCallback);
	const address = (fields) => new EntraClient(entra, { redirectUri: callback().url }).authorizeUrl(fields);
	const open = (fields) => browser().open(address(fields));

	test('a person picks an account, approves, accepts, and the client has a code', async () => {
		entra.directory.requireMfa();
		const page = await open();
		await page.click('button', 'Zoë Ünïcode');
		await page.shows('Approve sign in request');
		await page.click('button', 'Approve');
		await page.shows('MCP clients would like to:');
		await page.shows('Graph handler: access_as_user');
		await page.click('button', 'Accept');
		await page.shows('GET brought code session_state state');
		assert.deepEqual([entra.counts.signIns, entra.counts.login], [1, 3]);
	});

	test('a form that posts itself brings the same', async () => {
		entra.directory.consentForAll();
		const page = await open({ response_mode: 'form_post' });
		await page.click('#user-adele', 'Adele Vance');
		await page.shows('POST brought code session_state state');
	});

	test('giving up is told to the client, a bad redirect URI to the person', async () => {
		const page = await open();
		await page.click('#cancel', 'Cancel');
		await page.shows('AADSTS65004');
		await (await open({ redirect_uri: 'https://evil.example/' })).shows('AADSTS50011');
	});

	test('the session stays in the browser\'s own cookies', async () => {
		const page = await open();
		await page.click('button', 'Adele Vance');
		await page.click('button', 'Accept');
		await page.shows('brought code');
		await page.load(address({ prompt: 'none' }));
		await page.shows('brought code');
		assert.equal(entra.counts.signIns, 2);
	});
});
