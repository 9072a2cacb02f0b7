/*
 * Proves the sandbox Entra's rules of redirect URIs, and how the platform of the one that was matched
 * decides what a client must send to redeem a code.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EntraClient, assertAadsts, assertOwnPage, assertToldBack } from '../stage/entra_client.mjs';
import { Person } from '../stage/person.mjs';
import { freshSandbox } from '../stage/sandbox.mjs';

const sandbox = await freshSandbox();
const { entra } = sandbox;
const CLAUDE = 'https://claude.ai/api/mcp/auth_callback';
const SECRET = 'a+secret/of=its own';

/* A client that was just registered with these redirect URIs. */
function registered(fields, redirectUri) {
	const { clientId } = entra.directory.register(fields);
	return new EntraClient(entra, { clientId, redirectUri });
}

const mcp = (redirectUri) => new EntraClient(entra, { redirectUri });
const refused = async (client) => assertOwnPage(await client.signIn(), 50011);
const taken = async (client) => assert.ok((await client.tokens()).access_token);

describe('a redirect URI', () => {
	test('of localhost is compared without its port, with its path', async () => {
		for (const uri of ['http://localhost:1/callback', 'http://localhost/callback', 'http://localhost:65535/',
			'http://localhost:9999', 'http://localhost:6274/oauth/callback'])
			await taken(mcp(uri));
		for (const uri of ['http://localhost:1/callback/', 'http://localhost:1/Callback', 'http://localhost:1/other',
			'https://localhost:1/callback', 'http://localhost:1/callback?x=1', 'http://localhost:1/callback#x',
			'http://localhost:1@evil.example/callback', 'http://localhost.evil.example:1/callback'])
			await refused(mcp(uri));
	});

	test('of any other host is compared to the byte', async () => {
		await taken(mcp(CLAUDE));
		for (const uri of [`${CLAUDE}/`, CLAUDE.toUpperCase(), CLAUDE.replace('claude.ai', 'CLAUDE.ai'),
			CLAUDE.replace('auth_callback', '%61uth_callback'), `${CLAUDE}?x`, 'https://claude.ai:443/api/mcp/auth_callback',
			'https://claude.ai@evil.example/api/mcp/auth_callback'])
			await refused(mcp(uri));
	});

	test('of 127.0.0.1 is compared with its port, by a switch without it', async () => {
		const uris = { publicClient: ['http://127.0.0.1:33418/callback'] };
		await taken(registered(uris, 'http://127.0.0.1:33418/callback'));
		await refused(registered(uris, 'http://127.0.0.1:1234/callback'));
		entra.directory.set('loopbackAddressPort', 'ignored');
		await taken(registered(uris, 'http://127.0.0.1:1234/callback'));
		await refused(registered(uris, 'http://127.0.0.1:1234/other'));
		await refused(mcp('http://127.0.0.1:1234/callback'));
	});

	test('of [::1] is refused, and cannot be registered', async () => {
		await refused(mcp('http://[::1]:3334/callback'));
		assert.throws(() => entra.directory.register({ publicClient: ['http://[::1]/callback'] }), /\[::1\]/);
	});

	test('registered twice but for the port is of either platform', async () => {
		const fields = { secret: SECRET, publicClient: ['http://localhost:1/cb'], web: ['http://localhost:2/cb'] };
		const [publicly, withSecret] = [{}, { redeemWith: { client_secret: SECRET } }];
		for (const [value, how] of [['first', publicly], ['last', withSecret]]) {
			entra.directory.set('ambiguousPlatform', value);
			for (const uri of ['http://localhost:1/cb', 'http://localhost:2/cb'])
				assert.ok((await registered(fields, uri).tokens({}, how)).access_token);
		}
	});

	test('must be the same again when the code is redeemed', async () => {
		const one = mcp('http://localhost:1/callback');
		const code = await one.code();
		assertAadsts(await one.redeem(code, { redirect_uri: undefined }), 900144, 'invalid_request');
		assertAadsts(await one.redeem(code, { redirect_uri: CLAUDE }), 500112, 'invalid_grant');
		assertAadsts(await one.redeem(code, { redirect_uri: 'http://localhost:2/callback' }), 500112, 'invalid_grant');
		assert.equal((await one.redeem(code)).status, 200);
	});
});

describe('a mobile and desktop redirect URI', () => {
	test('on https is redeemed by a server without a secret', async () => {
		await taken(mcp(CLAUDE));
	});

	test('goes with no secret: one that is sent uses the code up', async () => {
		const one = mcp();
		for (const proof of [{ client_secret: SECRET }, { client_secret: '' }, { client_assertion: 'x' }]) {
			const code = await one.code();
			assertAadsts(await one.redeem(code, proof), 700025, 'invalid_client');
			assertAadsts(await one.redeem(code), 54005, 'invalid_grant');
		}
	});

	test('goes with no secret at a refresh either', async () => {
		const { refresh_token } = await mcp().tokens();
		assertAadsts(await mcp().refresh(refresh_token, { client_secret: SECRET }), 700025, 'invalid_client');
	});

	test('cannot be redeemed by a page of another origin', async () => {
		const one = mcp();
		const answer = await one.redeem(await one.code(), {}, { origin: 'http://localhost:6274' });
		assertAadsts(answer, 9002326, 'invalid_request');
		assert.equal(answer.headers.get('access-control-allow-origin'), null);
	});
});

describe('a web redirect URI', () => {
	const web = () => registered({ secret: SECRET, web: [CLAUDE] }, CLAUDE);

	test('wants the secret, at the code and at each refresh', async () => {
		const one = web();
		const code = await one.code();
		assertAadsts(await one.redeem(code), 7000218, 'invalid_client');
		assertAadsts(await one.redeem(code, { client_secret: 'wrong' }), 7000215, 'invalid_client');
		const { body } = await one.redeem(code, { client_secret: SECRET });
		assertAadsts(await one.refresh(body.refresh_token), 7000218, 'invalid_client');
		assert.equal((await one.refresh(body.refresh_token, { client_secret: SECRET })).status, 200);
	});

	test('cannot be redeemed by a page of another origin', async () => {
		const one = web();
		const answer = await one.redeem(await one.code(), { client_secret: SECRET }, { origin: 'https://claude.ai' });
		assertAadsts(answer, 9002326, 'invalid_request');
	});
});

describe('a single-page redirect URI', () => {
	const ORIGIN = 'http://localhost:6274';
	const headers = { origin: ORIGIN };
	const spa = () => registered({ spa: ['http://localhost/oauth/callback'] }, `${ORIGIN}/oauth/callback`);

	test('is redeemed from a page alone, which may read the answer', async () => {
		const one = spa();
		const code = await one.code();
		assertAadsts(await one.redeem(code), 9002327, 'invalid_request');
		const answer = await one.redeem(code, {}, headers);
		assert.equal(answer.headers.get('access-control-allow-origin'), ORIGIN);
		assertAadsts(await one.refresh(answer.body.refresh_token), 9002327, 'invalid_request');
		assert.equal((await one.refresh(answer.body.refresh_token, {}, headers)).status, 200);
	});

	test('wants PKCE', async () => {
		assertToldBack(await spa().signIn({ code_challenge: undefined, code_challenge_method: undefined }), 9002325,
			'invalid_request');
	});

	test('gives refresh tokens that end after 24 hours, however often they are replaced', async () => {
		const one = spa();
		const first = await one.tokens({}, { headers });
		entra.ageGrants(23 * 3600);
		const { body: second } = await one.refresh(first.refresh_token, {}, headers);
		entra.ageGrants(2 * 3600);
		assertAadsts(await one.refresh(second.refresh_token, {}, headers), 700082, 'invalid_grant');
	});
});

describe('a client', () => {
	test('redeems only what was given to it', async () => {
		const other = registered({ publicClient: ['http://localhost/callback'] });
		const { refresh_token } = await mcp().tokens();
		assertAadsts(await other.redeem(await mcp().code({}, new Person())), 70000, 'invalid_grant');
		assertAadsts(await other.refresh(refresh_token), 70000, 'invalid_grant');
	});
});
