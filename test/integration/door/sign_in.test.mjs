/*
 * Signing in by way of the door, alone and in the three modes of the host: what Entra is sent, and
 * that it grants what it refuses those who ask it directly.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { startSandbox, use } from '../stage/fixture.mjs';
import { CIMD, DoorClient, basic, doorEnv, modes } from '../stage/door.mjs';
import { Person } from '../stage/person.mjs';

const OTHER = '0b5f7c1d-2a64-4c39-9f08-6d1e7a3b5c42';
const SECRET = 'an application\'s own & secret';

const sandbox = await startSandbox();
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra } = sandbox;
const PUBLIC = entra.directory.mcp.clientId;
const env = doorEnv(sandbox, { ALLOWED_CLIENT_IDS: OTHER, ALLOWED_ORIGINS: 'https://app.example' });
const RESOURCE = `${env.APIM_GATEWAY_URL}/mcp`;
const SCOPE = `api://${entra.clientId}/access_as_user offline_access`;

/* What clients send beside the protocol's own; each is signed in. */
const SENT = {
	'a resource': { resource: RESOURCE },
	'a resource with a slash at its end': { resource: `${RESOURCE}/` },
	'a bare scope': { scope: 'access_as_user' },
	'no scope': {},
	'a resource and a bare scope': { resource: RESOURCE, scope: 'access_as_user' },
	'a resource and the full scope': { resource: `${RESOURCE}/`, scope: SCOPE },
	'.default': { scope: `api://${entra.clientId}/.default` },
	'scopes of OpenID': { scope: 'openid profile email offline_access' },
	'a scope of Graph': { scope: 'https://graph.microsoft.com/Mail.Send' },
	'a prompt for consent': { prompt: 'consent', scope: 'offline_access' },
	'what nobody knows': { nonce: 'n', audience: 'x', access_type: 'offline', foo: 'bar' },
	'its id from registration': { client_id: PUBLIC },
	'an address for its id': { client_id: CIMD },
};

for (const [mode, start] of Object.entries(modes(env)))
	describe(mode, () => { door(start); });

function door(start) {
	const handler = use(start);
	const client = (options) => new DoorClient(handler(), options);

	for (const [what, fields] of Object.entries(SENT)) {
		test(`a client that sends ${what} sends Entra what it takes`, async () => {
			const it = client();
			assert.deepEqual(await it.sentOn(fields), {
				page: `${entra.url}/${entra.tenantId}/oauth2/v2.0/authorize`,
				fields: { client_id: PUBLIC, response_type: 'code', scope: SCOPE, state: 'a state',
					redirect_uri: 'http://localhost:3334/callback', code_challenge: it.challenge,
					code_challenge_method: 'S256' } });
		});
	}

	test('state, hints, claims and a harmless prompt reach Entra to the letter', async () => {
		const given = { state: 'ä, b&c=d+e%20"\\/?#', login_hint: 'adele@contoso.example',
			domain_hint: 'contoso.example', claims: '{"access_token":{"a":{"values":["x, y"]}}}' };
		for (const prompt of ['login', 'select_account', 'none']) {
			const { fields } = await client().sentOn({ ...given, prompt });
			for (const [name, value] of Object.entries({ ...given, prompt }))
				assert.equal(fields[name], value, name);
		}
	});

	test('a person who signs in is known to /me, and after a refresh too', async () => {
		const it = client();
		const resource = `${RESOURCE}/`;
		const answer = await it.redeem(await it.code({ resource }), { resource, scope: 'access_as_user' });
		assert.equal(answer.status, 200, answer.text);
		assert.deepEqual([answer.headers['content-type'], answer.headers['cache-control'], answer.headers.pragma],
			['application/json', 'no-store', 'no-cache']);
		const { access_token: token, refresh_token: refresh, id_token: id, token_type: type } = answer.json;
		assert.deepEqual([type, id], ['Bearer', undefined]);
		assert.equal((await handler().ask('/me', { token })).json.id, entra.users.adele.oid);
		const again = await it.refresh(refresh, { resource });
		assert.equal(again.status, 200, again.text);
		assert.equal((await handler().ask('/me', { token: again.json.access_token })).json.id, entra.users.adele.oid);
	});

	test('the public client\'s secret, empty or not, and its Origin never reach Entra', async () => {
		for (const [fields, headers] of [[{ client_secret: 's3cret' }], [{ client_secret: '' }],
			[{ client_id: undefined }, basic(CIMD, '')], [{ client_id: undefined }, basic(CIMD, 's3cret')],
			[{ client_assertion: 'a.b.c', client_assertion_type: 'urn:x' }], [{}, { origin: 'https://app.example' }]]) {
			const it = client();
			const answer = await it.redeem(await it.code(), fields, headers);
			assert.equal(answer.status, 200, `${JSON.stringify([fields, headers])} ${answer.text}`);
			const { form, headers: seen } = entra.requests.findLast((one) => one.form?.grant_type);
			assert.deepEqual([form.client_secret, form.client_assertion, seen.origin, seen.authorization],
				[undefined, undefined, undefined, undefined]);
		}
	});

	test('what a client of its own sends to authenticate reaches Entra, from the form or from Basic', async () => {
		for (const [fields, headers] of [[{ client_secret: SECRET }], [{ client_id: undefined }, basic(OTHER, SECRET)]]) {
			const it = client({ clientId: OTHER });
			assert.equal((await it.sentOn()).fields.client_id, OTHER);
			await it.redeem('a-code', fields, headers);
			const { form } = entra.requests.at(-1);
			assert.deepEqual([form.client_id, form.client_secret], [OTHER, SECRET]);
		}
	});

	test('Entra\'s refusal comes back as it is, but for those upon which clients are to sign in anew', async () => {
		const it = client();
		const code = await it.code();
		assert.equal((await it.redeem(code)).status, 200);
		const used = await it.redeem(code);
		assert.equal(used.status, 400);
		assert.deepEqual([used.json.error, used.json.error_codes], ['invalid_grant', [54005]]);
		for (const error of ['interaction_required', 'login_required', 'consent_required']) {
			entra.fail({ kind: 'raw', status: 400, headers: { 'content-type': 'application/json' },
				body: { error, error_description: 'AADSTS50076: x', error_codes: [50076] }, times: 1 });
			const { status, json } = await it.refresh('r');
			assert.deepEqual([status, json.error, json.error_codes], [400, 'invalid_grant', [50076]]);
		}
		entra.fail({ kind: 'raw', status: 401, headers: { 'content-type': 'application/json' },
			body: { error: 'invalid_client', error_description: 'AADSTS7000215: x' }, times: 1 });
		const { status, json, headers } = await it.refresh('r');
		assert.deepEqual([status, json.error, headers['www-authenticate']], [401, 'invalid_client', 'Basic realm="graph-mcp-handler"']);
	});

	test('the log says which kind of client, grant and outcome, and nothing of what passed through', async () => {
		const it = client();
		const code = await it.code({ state: 'StateThatNobodyLogs' });
		const answer = await it.redeem(code);
		const refused = await it.redeem(code);
		const { endpoint, action, client_kind: kind, grant, entra_status: status } = await handler().logOf(answer);
		assert.deepEqual([endpoint, action, kind, grant, status], ['oauth', 'token', 'cimd', 'authorization_code', '200']);
		const log = await handler().logOf(refused);
		assert.deepEqual([log.entra_status, log.aadsts, log.trace_id], ['400', '54005', refused.json.trace_id]);
		const all = handler().lines.map(({ text }) => text).join('\n');
		for (const secret of [code, it.verifier, it.challenge, answer.json.access_token, answer.json.refresh_token,
			'StateThatNobodyLogs'])
			assert.ok(!all.includes(secret.slice(0, 20)), secret);
	});

	test('who does not want to sign in is told so by Entra, at the client\'s own address', async () => {
		const { error, state, url } = await new Person({ cancelAt: 'choose-account' }).signIn(client().authorizeUrl());
		assert.deepEqual([error, state, url.host], ['access_denied', 'a state', 'localhost:3334']);
	});
}
