/*
 * Proves what stands between a person and the sandbox Entra's code: consent, pre-authorization, an
 * administrator, prompt=none, and Conditional Access at the sign-in and at the exchange.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as jose from 'jose';
import { EntraClient, assertAadsts, assertOwnPage, assertToldBack } from '../stage/entra_client.mjs';
import { Person } from '../stage/person.mjs';
import { freshSandbox } from '../stage/sandbox.mjs';

const sandbox = await freshSandbox();
const { entra } = sandbox;
const { directory } = entra;
const client = () => new EntraClient(entra);

/* The pages that a new browser sees on the way to a code. */
async function pagesOf(fields, options) {
	const person = new Person(options);
	await client().code(fields, person);
	return person.pages;
}

const ACCOUNT = ['choose-account'];
const WITH_CONSENT = ['choose-account', 'consent'];

describe('consent', () => {
	test('is asked of each user once', async () => {
		assert.deepEqual(await pagesOf(), WITH_CONSENT);
		assert.deepEqual(await pagesOf(), ACCOUNT);
		assert.deepEqual(await pagesOf({}, { user: 'zoe' }), WITH_CONSENT);
	});

	test('of an administrator is asked of nobody, but by prompt=consent', async () => {
		directory.consentForAll();
		assert.deepEqual(await pagesOf(), ACCOUNT);
		assert.deepEqual(await pagesOf({ prompt: 'consent' }), WITH_CONSENT);
	});

	test('declined is told to the client', async () => {
		assertToldBack(await client().signIn({}, new Person({ cancelAt: 'consent' })), 65004, 'access_denied');
		assertToldBack(await client().signIn({}, new Person({ cancelAt: 'choose-account' })), 65004, 'access_denied');
	});

	test('pre-authorization spares it for the permissions listed; offline_access still asks', async () => {
		const { api, mcp } = directory;
		api.preAuthorized[mcp.clientId] = ['access_as_user'];
		assert.deepEqual(await pagesOf({ scope: `api://${entra.clientId}/access_as_user` }), ACCOUNT);
		assert.deepEqual(await pagesOf({}, { user: 'zoe' }), WITH_CONSENT);
		directory.set('offlineAccess', 'granted');
		assert.deepEqual(await pagesOf({}, { user: 'bare' }), ACCOUNT);
		assert.deepEqual(await pagesOf({ scope: 'openid' }, { user: 'bare' }), WITH_CONSENT);
	});
});

describe('where users may not consent', () => {
	const barred = async (fields) => {
		directory.usersMayConsent = false;
		const person = new Person();
		assertToldBack(await client().signIn(fields, person), 90094, 'access_denied');
		assert.deepEqual(person.pages, ['choose-account', 'admin-approval']);
	};

	test('they stand before a page until an administrator has', async () => {
		await barred({});
		directory.consentForAll();
		assert.deepEqual(await pagesOf(), ACCOUNT);
	});

	test('prompt=consent locks them out even after an administrator\'s consent', async () => {
		directory.consentForAll();
		await barred({ prompt: 'consent' });
	});

	test('posting the form of consent nevertheless grants nothing', async () => {
		directory.usersMayConsent = false;
		const person = new Person();
		await client().signIn({}, person);
		const url = client().authorizeUrl();
		const page = await (await fetch(url)).text();
		const flow = /name="flow" value="([^"]+)"/.exec(page)[1];
		const post = async (fields) => (await fetch(`${entra.url}/${entra.tenantId}/login`, { method: 'POST',
			redirect: 'manual', body: new URLSearchParams({ flow, ...fields }) })).text();
		await post({ user: entra.users.adele.username });
		assert.match(await post({ action: 'accept' }), /Need admin approval/);
	});
});

describe('prompt', () => {
	test('of several values, or an unknown one, is refused', async () => {
		for (const prompt of ['login consent', 'none login', 'create'])
			assertToldBack(await client().signIn({ prompt }), 90023, 'invalid_request');
	});

	test('none shows no page: it ends in a code or in what is missing', async () => {
		const person = new Person();
		const silently = () => client().signIn({ prompt: 'none' }, person);
		assertToldBack(await silently(), 50058, 'login_required');
		await client().signIn({ scope: 'openid' }, person);
		assertToldBack(await silently(), 65001, 'interaction_required');
		directory.set('silentConsent', 'consent_required');
		assertToldBack(await silently(), 65001, 'consent_required');
		directory.consentForAll();
		assert.ok((await silently()).code);
		directory.requireMfa();
		assertToldBack(await silently(), 50076, 'interaction_required');
		assert.deepEqual(person.pages, []);
	});
});

describe('an account', () => {
	test('of another tenant is not offered, and refused when posted', async () => {
		const page = await (await fetch(client().authorizeUrl())).text();
		assert.match(page, /id="user-guest"/);
		assert.doesNotMatch(page, /id="user-(fabrikam|personal)"/);
		const flow = /name="flow" value="([^"]+)"/.exec(page)[1];
		const posted = await fetch(`${entra.url}/${entra.tenantId}/login`, { method: 'POST',
			body: new URLSearchParams({ flow, user: entra.users.fabrikam.username }) });
		assertOwnPage({ status: posted.status, page: await posted.text() }, 50020);
	});

	test('cannot be chosen in a flow that is not open', async () => {
		const posted = await fetch(`${entra.url}/${entra.tenantId}/login`, { method: 'POST',
			body: new URLSearchParams({ flow: 'invented', user: entra.users.adele.username }) });
		assertOwnPage({ status: posted.status, page: await posted.text() }, 165000);
	});
});

const CHALLENGED = ['choose-account', 'multi-factor', 'consent'];

async function exchanged({ access_token: assertion }) {
	return sandbox.exchange({ assertion });
}

describe('multi-factor at the sign-in', () => {
	test('is asked of the user it is wanted of, or of all', async () => {
		directory.requireMfa({ user: entra.users.adele });
		assert.deepEqual(await pagesOf(), CHALLENGED);
		assert.deepEqual(await pagesOf({}, { user: 'zoe' }), WITH_CONSENT);
		directory.requireMfa();
		assert.deepEqual(await pagesOf({}, { user: 'bare' }), CHALLENGED);
	});

	test('given up is told to the client', async () => {
		directory.requireMfa();
		assertToldBack(await client().signIn({}, new Person({ cancelAt: 'multi-factor' })), 65004, 'access_denied');
	});

	test('is in the token, after a refresh too, and enough for the exchange', async () => {
		directory.requireMfa();
		const one = client();
		const tokens = await one.tokens();
		const { body } = await one.refresh(tokens.refresh_token);
		for (const { access_token } of [tokens, body]) {
			assert.deepEqual(jose.decodeJwt(access_token).amr, ['pwd', 'mfa']);
			assert.equal((await exchanged({ access_token })).status, 200);
		}
	});

	test('wanted since then ends a refresh', async () => {
		const one = client();
		const { refresh_token } = await one.tokens();
		directory.requireMfa();
		assertAadsts(await one.refresh(refresh_token), 50076, 'interaction_required');
	});
});

describe('multi-factor at the exchange', () => {
	test('is not asked at the sign-in; the exchange answers with claims', async () => {
		directory.requireMfa({ at: 'exchange' });
		assert.deepEqual(await pagesOf(), WITH_CONSENT);
		const { status, body } = await exchanged(await client().tokens());
		assertAadsts({ status, body }, 50076, 'interaction_required');
		assert.ok(JSON.parse(body.claims).access_token.capolids.essential);
	});

	test('is satisfied by a sign-in with those claims, and stays so in the refreshed tokens', async () => {
		directory.requireMfa({ at: 'exchange', user: entra.users.adele });
		const [one, person] = [client(), new Person()];
		const { body: { claims } } = await exchanged(await one.tokens({}, { person }));
		const tokens = await one.tokens({ claims }, { person });
		assert.deepEqual(person.pages, ['multi-factor']);
		assert.equal((await exchanged(tokens)).status, 200);
		assert.equal((await exchanged((await one.refresh(tokens.refresh_token)).body)).status, 200);
		assert.equal((await exchanged(await one.tokens({}, { person }))).status, 200, 'the browser keeps it');
		assert.equal((await exchanged(await one.tokens({}, { person: new Person() }))).status, 400);
	});

	test('is not asked of another user, and a token minted with it passes', async () => {
		directory.requireMfa({ at: 'exchange', user: entra.users.adele });
		assert.equal((await exchanged(await client().tokens({}, { person: new Person({ user: 'zoe' }) }))).status, 200);
		assert.equal((await exchanged({ access_token: await entra.mintUserToken({ mfa: true }) })).status, 200);
		assert.equal((await exchanged({ access_token: await entra.mintUserToken() })).status, 400);
	});

	test('is asked at a refresh with claims, of who has not met them', async () => {
		const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
		const [one, person] = [client(), new Person()];
		const plain = await one.tokens({}, { person });
		assertAadsts(await one.refresh(plain.refresh_token, { claims }), 50076, 'interaction_required');
		assert.equal((await one.refresh(plain.refresh_token)).status, 200);
		const more = await one.tokens({ claims }, { person });
		assert.equal((await one.refresh(more.refresh_token, { claims })).status, 200);
		assertAadsts(await one.refresh(more.refresh_token, { claims: 'x' }), 9002313, 'invalid_request');
	});

	test('is asked at the sign-in of a client of Graph\'s own', async () => {
		directory.requireMfa({ at: 'exchange' });
		assert.deepEqual(await pagesOf({ scope: 'User.Read' }), CHALLENGED);
	});
});

describe('the controls', () => {
	test('add a redirect URI, want multi-factor, and forget all of it', async () => {
		const uri = 'https://chatgpt.com/connector/oauth/abc';
		const chatGpt = () => new EntraClient(entra, { redirectUri: uri });
		assertOwnPage(await chatGpt().signIn(), 50011);
		assert.equal((await sandbox.control('POST', 'redirect-uris', { uri })).body.at(-1).uri, uri);
		assert.equal((await sandbox.control('POST', 'mfa', { user: 'adele', at: 'sign_in' })).status, 200);
		const person = new Person();
		await chatGpt().code({}, person);
		assert.deepEqual(person.pages, CHALLENGED);
		assert.equal((await sandbox.control('DELETE', 'sign-in')).status, 200);
		assertOwnPage(await chatGpt().signIn(), 50011);
		assert.deepEqual(await pagesOf(), WITH_CONSENT);
	});

	test('name what is wrong with an order', async () => {
		for (const [path, order, words] of [['redirect-uris', { uri: 'x:y', client: 'z' }, 'no application'],
			['redirect-uris', {}, 'no redirect URI'], ['redirect-uris', { uri: 'x:y', platform: 'tv' }, 'unknown platform'],
			['mfa', { user: 'nobody' }, 'unknown user'], ['mfa', { at: 'noon' }, 'at must be']]) {
			const { status, body } = await sandbox.control('POST', path, order);
			assert.equal(status, 400);
			assert.match(body.error, new RegExp(words));
		}
	});
});
