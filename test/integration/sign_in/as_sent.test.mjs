/*
 * The requests of signing in as clients send them, to the letter: through the door they lead to tokens
 * that are good here, and to new ones; Entra by itself refuses each.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { clientOf } from '../stage/mcp.mjs';
import { Person } from '../stage/person.mjs';
import { ALL_PLACES, CIMD, inEachPlace } from '../stage/sign_in.mjs';

const SCOPE = 'access_as_user';
const LOCAL = 'http://localhost:54212/callback';
const CHATGPT = 'https://chatgpt.com/connector/oauth/kX3pZ9qLm2';
const STUDIO = 'https://global.consent.azure-apim.net/redirect/cr5f3-graph-20mcp';
const CLAUDE = 'https://claude.ai/api/mcp/auth_callback';
const PAGE = 'https://page.example';
const CURSOR = 'https://www.cursor.com/agents/mcp/oauth/callback';
const VS_CODE = 'https://vscode.dev/redirect';
/* An application of somebody's own, with a secret, as it is registered for Copilot Studio. */
const OWN = { clientId: '5e1d7c3a-8f42-4a69-b0d8-2c9e6f714b35', secret: 'Own~application+secret/with=all%' };

const formOf = (fields) => new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== undefined));
/* RFC 6749, section 2.3.1: both are form-encoded before they are joined. */
const basic = (...both) => ({ authorization: `Basic ${btoa(both.map(encodeURIComponent).join(':'))}` });
const full = ({ entra }) => `api://${entra.clientId}/${SCOPE}`;

const doorOf = ({ url }) => ({ authorize: `${url}/oauth/authorize`, token: `${url}/oauth/token` });
const entraOf = ({ entra }) => {
	const base = `${entra.url}/${entra.tenantId}/oauth2/v2.0`;
	return { authorize: `${base}/authorize`, token: `${base}/token` };
};

async function post(url, body, headers) {
	const response = await fetch(url, { method: 'POST', headers, body });
	return { status: response.status, json: await response.json() };
}

/* One client at one place's endpoints.  sent: the fields of its requests ({both, authorize, token,
 * refresh}) and the headers of its token requests. */
function sending({ authorize, token }, { both = {}, headers, ...sent }) {
	const verifier = randomBytes(32).toString('base64url');
	const { client_id, ...rest } = both;
	const id = headers ? {} : { client_id };
	return {
		authorize: () => new Person().signIn(`${authorize}?${formOf({ response_type: 'code', client_id, state: 'a state',
			code_challenge: createHash('sha256').update(verifier).digest('base64url'),
			code_challenge_method: 'S256', ...rest, ...sent.authorize })}`),
		redeem: (code) => post(token, formOf({ grant_type: 'authorization_code', code, code_verifier: verifier,
			...id, redirect_uri: both.redirect_uri, resource: both.resource, ...sent.token }), headers),
		refresh: (refresh_token) => post(token, formOf({ grant_type: 'refresh_token', refresh_token, ...id,
			resource: both.resource, ...sent.token, ...sent.refresh }), headers) };
}

async function assertGood({ handler, entra }, { status, json }) {
	assert.equal(status, 200, JSON.stringify(json));
	assert.equal(json.token_type, 'Bearer');
	assert.equal(json.id_token, undefined);
	const { result } = (await clientOf(handler, { token: json.access_token }).legacyCall('me', {})).json;
	assert.equal(result.structuredContent?.id, entra.users.adele.oid, JSON.stringify(result));
	return json;
}

/* Through the door it is signed in, and stays so. */
async function assertTaken(place, sent) {
	const client = sending(doorOf(place), sent);
	const { code, state, description, page } = await client.authorize();
	assert.ok(code, description ?? page);
	assert.equal(state, 'a state');
	const { refresh_token } = await assertGood(place, await client.redeem(code));
	await assertGood(place, await client.refresh(refresh_token));
}

/* Entra by itself refuses what is sent to its authorize endpoint, by this number. */
async function assertRefused(place, sent, number) {
	const { code, description, page } = await sending(entraOf(place), sent).authorize();
	assert.equal(code, undefined);
	assert.match(description ?? page, new RegExp(`AADSTS${number}: `));
}

/* {what: [fields as sent at a place, Entra's number]} of any client with a client id that Entra knows. */
const REQUESTS = {
	'resource, with the full scope': [(place) => ({ resource: place.endpoint, scope: full(place) }), 9010010],
	'resource, with a bare scope': [({ endpoint }) => ({ resource: endpoint, scope: SCOPE }), 9010010],
	'resource with a slash at its end': [(place) => ({ resource: `${place.endpoint}/`, scope: full(place) }), 9010010],
	'a bare scope': [() => ({ scope: SCOPE }), 650053],
	'no scope': [() => ({}), 900144],
	'the scopes of OpenID beside a bare one': [() => ({ scope: `openid profile ${SCOPE}` }), 650053],
};

/* The same of what is sent to the token endpoint with a good refresh token: [fields, headers, number]. */
const RENEWALS = {
	'a bare scope': [() => ({ scope: SCOPE }), {}, 650053],
	'resource': [({ endpoint }) => ({ resource: endpoint }), {}, 9010010],
	'an empty secret': [() => ({ client_secret: '' }), {}, 700025],
	'the origin of a page': [() => ({}), { origin: PAGE }, 9002326],
	'the address of a metadata document': [() => ({ client_id: CIMD }), {}, 700016],
};

/* Who sends what, and how Entra refuses it: {redirect, id (of a client metadata document, or a given one;
 * else it registers, for more redirect URIs besides), scope, resource, authorize and token (more fields
 * there), headers of its token requests, number}. */
const resource = ({ endpoint }) => endpoint;
const slashed = ({ endpoint }) => `${endpoint}/`;
const codexPath = ({ endpoint }) => createHash('sha256').update(endpoint).digest().subarray(0, 9).toString('base64url');
const CLIENTS = {
	'claude.ai': { redirect: () => CLAUDE, scope: () => SCOPE, resource, number: 9010010 },
	'Claude Code': { redirect: () => LOCAL, id: 'https://claude.ai/oauth/claude-code-client-metadata', scope: full,
		resource: slashed, number: 700016 },
	'Claude Code, registering': { redirect: () => LOCAL, scope: full, resource, number: 9010010 },
	'ChatGPT': { redirect: () => CHATGPT, id: 'https://chatgpt.com/oauth/client.json', scope: full, resource,
		number: 700016 },
	'Codex': { redirect: (place) => `http://127.0.0.1:41231/callback/${codexPath(place)}`,
		id: 'https://chatgpt.com/oauth/codex/client.json', resource, number: 700016 },
	'VS Code': { redirect: () => 'http://127.0.0.1:33418/', id: 'https://vscode.dev/oauth/client-metadata.json',
		scope: full, resource, number: 700016 },
	'VS Code, registering': { redirect: () => 'http://127.0.0.1:51873/', scope: full, resource, number: 50011,
		more: ['http://127.0.0.1:33418/', 'http://localhost/', VS_CODE] },
	'Copilot CLI': { redirect: () => 'http://127.0.0.1:40123/', id: 'https://github.com/copilot/cli/client-metadata.json',
		resource, number: 700016 },
	'Cursor': { redirect: () => 'http://localhost:8787/callback', scope: full, resource, number: 9010010,
		more: ['cursor://anysphere.cursor-mcp/oauth/callback'] },
	'Cursor, hosted': { redirect: () => CURSOR, scope: full, resource, number: 9010010 },
	'Gemini CLI': { redirect: () => 'http://localhost:7777/oauth/callback', scope: full, resource, number: 9010010 },
	'Copilot Studio': { redirect: () => STUDIO, id: OWN.clientId, scope: () => SCOPE, resource,
		token: { client_secret: OWN.secret }, number: 9010010 },
	'an application of its own, by HTTP Basic': { redirect: () => STUDIO, id: OWN.clientId, scope: full, resource,
		headers: basic(OWN.clientId, OWN.secret), number: 9010010 },
	'the Inspector\'s command line': { redirect: () => 'http://127.0.0.1:6276/oauth/callback', scope: full, resource,
		number: 50011 },
	'mcp-remote': { redirect: () => 'http://localhost:3334/oauth/callback', scope: full, resource, number: 9010010 },
	'the Go SDK, by HTTP Basic without a secret': { redirect: () => LOCAL, id: CIMD, scope: full, resource,
		headers: basic(CIMD, ''), number: 700016 },
	'the C# SDK, with an empty secret': { redirect: () => LOCAL, scope: full, resource, token: { client_secret: '' },
		number: 9010010 },
	'an SDK that asks for offline_access, and consent': { redirect: () => LOCAL, resource,
		scope: (place) => `${full(place)} offline_access`, authorize: { prompt: 'consent' }, number: 9010010 },
};

const SETTINGS = { ALLOWED_CLIENT_IDS: OWN.clientId, ALLOWED_ORIGINS: PAGE,
	MCP_REDIRECT_URIS: [CHATGPT, STUDIO, CLAUDE, CURSOR, VS_CODE].join() };

/* What the operator of the place registers in Entra for those. */
function prepare(place) {
	const { directory } = place.entra;
	place.reset();
	for (const uri of [CHATGPT, `http://localhost/callback/${codexPath(place)}`])
		directory.mcp.addRedirectUri('publicClient', uri);
	directory.register({ ...OWN, web: [STUDIO] });
	/* even one that Entra knows is refused when it is not sent as it wants it */
	directory.api.identifierUris.push(place.endpoint);
}

/* The client id that a client has registered, with what it may come back to. */
async function register({ url, clientId }, redirect, more) {
	const uris = [redirect, ...more];
	const { status, json } = await post(`${url}/oauth/register`, JSON.stringify({ client_name: 'a client',
		redirect_uris: uris, grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'],
		token_endpoint_auth_method: 'none' }), { 'content-type': 'application/json' });
	assert.equal(status, 201, JSON.stringify(json));
	assert.deepEqual([json.client_id, json.token_endpoint_auth_method, json.client_secret], [clientId, 'none', undefined]);
	assert.deepEqual(json.redirect_uris, uris.filter((uri) => /^https?:/.test(uri)));
	return json.client_id;
}

inEachPlace((place) => {
	for (const [what, [fields, number]] of Object.entries(REQUESTS)) {
		test(`${what}: refused by Entra, taken by the door`, async () => {
			prepare(place());
			const both = { client_id: place().clientId, redirect_uri: LOCAL, ...fields(place()) };
			await assertRefused(place(), { both }, number);
			await assertTaken(place(), { both, refresh: { scope: both.scope } });
		});
	}

	for (const [name, client] of Object.entries(CLIENTS)) {
		test(`${name}: refused by Entra, signed in through the door`, async () => {
			prepare(place());
			const { headers, token, authorize } = client;
			const redirect_uri = client.redirect(place());
			const client_id = client.id ?? await register(place(), redirect_uri, client.more ?? []);
			const sent = { headers, token, authorize, both: { client_id, redirect_uri,
				scope: client.scope?.(place()), resource: client.resource(place()) } };
			await assertRefused(place(), sent, client.number);
			await assertTaken(place(), sent);
		});
	}

	for (const [what, [fields, headers, number]] of Object.entries(RENEWALS)) {
		test(`a refresh with ${what}: refused by Entra, taken by the door`, async () => {
			prepare(place());
			const { clientId: client_id } = place();
			const both = { client_id, redirect_uri: LOCAL, scope: `${full(place())} offline_access` };
			const client = sending(entraOf(place()), { both });
			const { refresh_token } = (await client.redeem((await client.authorize()).code)).json;
			const form = () => formOf({ grant_type: 'refresh_token', refresh_token, client_id, ...fields(place()) });
			const refused = await post(entraOf(place()).token, form(), headers);
			assert.deepEqual(refused.json.error_codes, [number]);
			await assertGood(place(), await post(doorOf(place()).token, form(), headers));
		});
	}

	test('resource left out and the full scope: taken by both', async () => {
		prepare(place());
		const both = { client_id: place().clientId, redirect_uri: LOCAL, scope: `${full(place())} offline_access` };
		const direct = sending(entraOf(place()), { both });
		const { code } = await direct.authorize();
		await assertGood(place(), await direct.redeem(code));
		await assertTaken(place(), { both });
	});

	test('prompt=consent where users may not consent: refused by Entra, taken by the door', async () => {
		prepare(place());
		const { directory } = place().entra;
		directory.usersMayConsent = false;
		directory.consentForAll();
		const sent = { authorize: { prompt: 'consent' },
			both: { client_id: place().clientId, redirect_uri: LOCAL, scope: full(place()) } };
		await assertRefused(place(), sent, 90094);
		await assertTaken(place(), sent);
	});

	test('registration and PKCE are found in the door\'s metadata, and not in Entra\'s', async () => {
		const read = async (url) => (await fetch(url)).json();
		const { entra, url } = place();
		const issuer = `${entra.url}/${entra.tenantId}/v2.0`;
		const own = await read(`${issuer}/.well-known/openid-configuration`);
		assert.deepEqual([own.registration_endpoint, own.code_challenge_methods_supported], [undefined, undefined]);
		assert.equal((await fetch(`${issuer}/.well-known/oauth-authorization-server`)).status, 404);
		for (const document of ['oauth-authorization-server', 'openid-configuration']) {
			const door = await read(`${url}/.well-known/${document}`);
			assert.equal(door.issuer, url);
			assert.equal(door.registration_endpoint, `${url}/oauth/register`);
			assert.deepEqual(door.code_challenge_methods_supported, ['S256']);
			assert.equal(door.client_id_metadata_document_supported, true);
		}
	});
}, { places: ALL_PLACES, env: () => SETTINGS });
