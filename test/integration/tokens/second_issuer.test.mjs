/*
 * Tokens of an issuer that is not our sandbox, so that no mistake of ours about signatures, keys or
 * encodings can be on both sides: they validate as they are, and with any claim that decides
 * changed they do not.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startAlone } from '../stage/fixture.mjs';
import { startSecondIssuer } from '../../sandbox/msal/second_issuer.mjs';

const HOUR_S = 3600;
const now = () => Math.floor(Date.now() / 1000);
const other = '5e0a7c1f-1d3b-4f6e-9a52-7b8c9d0e1f2a';

let issuer;
let handler;
let another;

before(async () => {
	issuer = await startSecondIssuer();
	handler = await startAlone({ env: issuer.env });
	another = await startAlone({ env: issuer.env });
});

after(async () => {
	/* First those: their kept connections hold the issuer's end up. */
	await Promise.all([handler?.stop(), another?.stop()]);
	await issuer?.stop();
});

async function authentication(token) {
	const answer = await handler.ask('/status', { token });
	return answer.json.authentication;
}

async function assertRefused(options, code = 'invalid_token') {
	const { state, code: seen } = await authentication(await issuer.mint(options));
	assert.deepEqual([state, seen], ['invalid', code], JSON.stringify(options));
}

for (const version of [1, 2]) {
	test(`a version ${version}.0 token of the second issuer is authenticated`, async () => {
		const { state, user } = await authentication(await issuer.mint({ version }));
		assert.equal(state, 'authenticated');
		assert.deepEqual([user.objectId, user.tenantId], [issuer.oid, issuer.tenant]);
		assert.equal(user.username, 'second@contoso.example');
		assert.deepEqual(user.scopes, ['openid', 'access_as_user']);
	});
}

/* [what is changed, the claims that replace, our code] */
const CHANGES = [
	['another audience', { aud: other }],
	['the audience Microsoft Graph', { aud: '00000003-0000-0000-c000-000000000000' }],
	['several audiences', { aud: [other, 'x'] }],
	['another issuer', { iss: 'https://login.microsoftonline.com/common/v2.0' }],
	['another tenant', { tid: other }],
	['another version', { ver: '1.0' }],
	['an expiry in the past', { exp: now() - HOUR_S }],
	['no expiry', { exp: undefined }],
	['a beginning in the future', { nbf: now() + HOUR_S }],
	['no scope', { scp: undefined }],
	['no object id', { oid: undefined }],
	['another scope', { scp: 'openid' }, 'insufficient_scope'],
	['half of the scope\'s name', { scp: 'access_as_use access_as_user2' }, 'insufficient_scope'],
	['an application for a user', { idtyp: 'app' }, 'app_only_token'],
];

for (const [what, claims, code] of CHANGES)
	test(`the same token with ${what} is refused`, () => assertRefused({ claims }, code));

test('the same claims under a changed header are refused', async () => {
	await assertRefused({ header: { typ: 'JOSE' } });
	await assertRefused({ header: { kid: 'nobody-knows-it' } });
});

test('the same claims signed with PS256 or ES256 are refused, published key or not', async () => {
	for (const alg of ['PS256', 'ES256'])
		await assertRefused({ kid: await issuer.newKey(alg) });
});

test('a signature over other claims is refused', async () => {
	const [header, , signature] = (await issuer.mint()).split('.');
	const [, payload] = (await issuer.mint({ claims: { name: 'Somebody Else' } })).split('.');
	const { state, code } = await authentication([header, payload, signature].join('.'));
	assert.deepEqual([state, code], ['invalid', 'invalid_token']);
});

test('a key of another instance of that issuer is refused', async (t) => {
	const stranger = await startSecondIssuer();
	t.after(() => stranger.stop());
	const { iss } = JSON.parse(Buffer.from((await issuer.mint()).split('.')[1], 'base64url'));
	const token = await stranger.mint({ claims: { iss } });
	const { state, code } = await authentication(token);
	assert.deepEqual([state, code], ['invalid', 'invalid_token']);
});

test('a key that it published after the start is fetched and trusted', async () => {
	const ask = async (token) => (await another.ask('/status', { token })).json.authentication;
	assert.equal((await ask(await issuer.mint())).state, 'authenticated');
	const kid = await issuer.newKey();
	assert.equal((await ask(await issuer.mint({ kid }))).state, 'authenticated');
});
