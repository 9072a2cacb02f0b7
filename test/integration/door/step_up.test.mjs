/*
 * Conditional Access that wants more of a user for Graph than for this API: who is locked out of /mcp
 * signs in with that by way of the door, alone and in the three modes of the host.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { DEFAULT_CHALLENGE } from '../../sandbox/entra/answers.mjs';
import { assertError, challengeOf, send, startAlone, startSandbox, use } from '../stage/fixture.mjs';
import { DoorClient, assertOAuthError, doorEnv, modes } from '../stage/door.mjs';
import { clientOf } from '../stage/mcp.mjs';
import { Person } from '../stage/person.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra, graph } = sandbox;
const env = doorEnv(sandbox);
const API_SCOPE = `api://${entra.clientId}/access_as_user`;
const ASKED = `${API_SCOPE} offline_access`;
const CONTEXT = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';

const wordOf = (claims) => `claims.${Buffer.from(claims).toString('base64url')}`;
const base64 = (text) => Buffer.from(text).toString('base64');

/* Tokens of somebody who signs in; those pages they see. */
async function signedIn(client, fields) {
	const person = new Person();
	const { json, status, text } = await client.redeem(await client.code(fields, person));
	assert.equal(status, 200, text);
	return { token: json.access_token, refresh: json.refresh_token, pages: person.pages };
}

for (const [mode, start] of Object.entries(modes(env)))
	describe(mode, () => { stepUp(start); });

function stepUp(start) {
	const handler = use(start);
	const door = () => new DoorClient(handler());
	const mcp = (token) => clientOf(handler(), { token });

	for (const call of ['call', 'legacyCall']) {
		test(`${call}: who is locked out for want of multi-factor signs in with it and is let in`, async () => {
			entra.directory.requireMfa({ at: 'exchange' });
			const before = await signedIn(door());
			assert.ok(!before.pages.includes('multi-factor'));
			const refused = assertError(await mcp(before.token)[call]('me'), 403, 'insufficient_claims');
			const { error, scope, claims, resource_metadata: metadata } = challengeOf(refused);
			assert.deepEqual([error, scope, claims], ['insufficient_scope',
				`${API_SCOPE} ${wordOf(DEFAULT_CHALLENGE)}`, base64(DEFAULT_CHALLENGE)]);
			assert.ok(metadata);
			const renewed = await door().refresh(before.refresh);
			assertError(await mcp(renewed.json.access_token)[call]('me'), 403, 'insufficient_claims');
			const after = await signedIn(door(), { scope });
			assert.ok(after.pages.includes('multi-factor'));
			assert.equal((await mcp(after.token)[call]('me')).json.result.structuredContent.id, entra.users.adele.oid);
			const again = await door().refresh(after.refresh);
			assert.equal((await mcp(again.json.access_token)[call]('me')).status, 200);
		});

		test(`${call}: a challenge of Graph is carried in the scope too`, async () => {
			graph.fail({ kind: 'raw', status: 401, body: '', times: Infinity, headers: {
				'www-authenticate': `Bearer error="insufficient_claims", claims="${base64(CONTEXT)}"` } });
			const { token } = await signedIn(door());
			const refused = assertError(await mcp(token)[call]('me'), 403, 'insufficient_claims');
			assert.equal(challengeOf(refused).scope, `${API_SCOPE} ${wordOf(CONTEXT)}`);
		});
	}

	test('a challenge whose claims are no JSON object stays one of claims', async () => {
		graph.fail({ kind: 'raw', status: 401, body: '', times: Infinity, headers: {
			'www-authenticate': `Bearer error="insufficient_claims", claims="${base64('[1]')}"` } });
		const refused = assertError(await mcp((await signedIn(door())).token).call('me'), 401, 'insufficient_claims');
		assert.deepEqual([challengeOf(refused).error, challengeOf(refused).scope], ['insufficient_claims', undefined]);
	});

	test('in a batch the claims stand in what the call failed with', async () => {
		entra.directory.requireMfa({ at: 'exchange' });
		const { token } = await signedIn(door());
		const me = (id) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'me' } });
		const { status, json } = await mcp(token).post([me(1), me(2)]);
		assert.equal(status, 200);
		for (const { result } of json) {
			const { error } = JSON.parse(result.content[1].text);
			assert.deepEqual([error.code, error.claims], ['insufficient_claims', base64(DEFAULT_CHALLENGE)]);
		}
	});

	test('clients of REST get 401 with the claims, and no scope', async () => {
		entra.directory.requireMfa({ at: 'exchange' });
		const refused = assertError(await handler().ask('/me', { token: (await signedIn(door())).token }), 401,
			'insufficient_claims');
		const { error, scope, claims } = challengeOf(refused);
		assert.deepEqual([error, scope, claims], ['insufficient_claims', undefined, base64(DEFAULT_CHALLENGE)]);
	});

	test('words of the scope become claims, before the parameter, and never reach Entra as scope', async () => {
		const asked = { access_token: { nbf: { value: '1' }, acrs: { value: 'p' } } };
		const { fields } = await door().sentOn({ claims: JSON.stringify(asked),
			scope: `${API_SCOPE} ${wordOf('{"access_token":{"acrs":{"value":"1"}}}')} openid ${wordOf(CONTEXT)}` });
		assert.equal(fields.scope, ASKED);
		assert.deepEqual(JSON.parse(fields.claims),
			{ access_token: { nbf: { value: '1' }, acrs: { essential: true, value: 'c1' } } });
	});

	test('a refresh for such a scope asks Entra for the claims, and is refused as one to sign in anew', async () => {
		const { refresh } = await signedIn(door());
		const answer = await door().refresh(refresh, { scope: `${API_SCOPE} ${wordOf(CONTEXT)}` });
		assert.deepEqual([answer.status, answer.json.error, answer.json.error_codes], [400, 'invalid_grant', [50076]]);
		const { form } = entra.requests.findLast((one) => one.form?.grant_type === 'refresh_token');
		assert.deepEqual([form.scope, form.claims], [ASKED, CONTEXT]);
	});

	const HOSTILE = {
		'is not base64url': 'claims.*', 'is padded': 'claims.e30=', 'is empty': 'claims.',
		'is no JSON': wordOf('x'), 'is an array': wordOf('[{"access_token":{}}]'),
		'has a name twice': wordOf('{"a":1,"a":2}'), 'is nested without end': wordOf(`{"a":${'['.repeat(500)}${']'.repeat(500)}}`),
		'holds a control character': wordOf('{"a":"\r\nLocation: https://evil.example"}'),
		'holds U+0000': wordOf('{"a":"\\u0000"}'), 'is huge': wordOf(`{"a":"${'x'.repeat(4100)}"}`),
		'has another behind a comma': `${wordOf('{}')},${wordOf('{}')}`,
	};
	for (const [what, word] of Object.entries(HOSTILE)) {
		test(`a word of claims that ${what} is refused, and Entra not asked`, async () => {
			const scope = `${API_SCOPE} ${word}`;
			assertOAuthError(await door().authorize({ scope }), 400, 'invalid_request');
			assertOAuthError(await door().refresh('r', { scope }), 400, 'invalid_request');
			assert.equal(entra.requests.length, 0);
		});
	}
}

describe('SIGN_IN_CLAIMS', () => {
	const plain = use(() => startAlone({ env }));
	const asking = use(() => startAlone({ env: { ...env, SIGN_IN_CLAIMS: CONTEXT } }));

	test('is asked of everybody who signs in, so that nobody is challenged', async () => {
		entra.directory.requireMfa({ at: 'exchange' });
		const { token, refresh, pages } = await signedIn(new DoorClient(asking()));
		assert.ok(pages.includes('multi-factor'));
		assert.equal((await new DoorClient(asking()).sentOn()).fields.claims, CONTEXT);
		assert.equal((await asking().ask('/me', { token })).status, 200);
		assert.equal((await new DoorClient(asking()).refresh(refresh)).status, 200);
		assert.equal(entra.requests.findLast(({ form }) => form?.refresh_token).form.claims, CONTEXT);
	});

	test('has who signed in before it was set sign in anew at the next refresh', async () => {
		const { refresh } = await signedIn(new DoorClient(plain()));
		const { status, json } = await new DoorClient(asking()).refresh(refresh);
		assert.deepEqual([status, json.error, json.error_codes], [400, 'invalid_grant', [50076]]);
	});

	test('comes behind what the client asks for, claim by claim', async () => {
		const { fields } = await new DoorClient(asking()).sentOn({ claims: '{"id_token":{"x":null}}',
			scope: wordOf('{"access_token":{"acrs":{"value":"c2"}}}') });
		assert.deepEqual(JSON.parse(fields.claims),
			{ id_token: { x: null }, access_token: { acrs: { value: 'c2' } } });
	});

	test('is in no document: the scopes to ask for are the same', async () => {
		const [one, other] = await Promise.all([plain(), asking()].map(async ({ url }) =>
			(await send(`${url}/.well-known/oauth-protected-resource`)).text));
		assert.equal(one, other);
		assert.deepEqual(JSON.parse(one).scopes_supported, [API_SCOPE]);
	});
});
