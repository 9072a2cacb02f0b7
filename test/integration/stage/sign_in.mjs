/*
 * What the tests stand on in which real clients sign in: the handler with its door before the sandbox
 * Entra, at the address that clients are given, and what every client has to get done there.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { freePort } from '../../sandbox/host/client.mjs';
import { startBehindGateway } from './behind_gateway.mjs';
import { assertKept, startAlone, startHosted, startSandbox, use } from './fixture.mjs';
import { Person } from './person.mjs';

/* The document behind it is nobody's to fetch: the address is all that there is of it. */
export const CIMD = 'https://client.example/oauth/client.json';
export const REDIRECT = 'http://localhost:33418/callback';

const SIGNING_IN = ['authorization_code', 'refresh_token'];

/* A token of Entra's, signed anew as if it had been issued so long ago that its time is over. */
async function aged(entra, token) {
	const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
	const moved = ['iat', 'nbf', 'exp'].map((name) => [name, claims[name] - 7200]);
	return entra.sign({ ...claims, ...Object.fromEntries(moved) });
}

/* start({port, env, entra}): the handler, and what is before it at that port.  For what a place is, see
 * inEachPlace; and stop(). */
export async function startPlace(start, env = {}) {
	const sandbox = await startSandbox();
	const { entra } = sandbox;
	const port = await freePort();
	const url = `http://127.0.0.1:${port}`;
	const clientId = entra.directory.mcp.clientId;
	const handler = await start({ port, entra,
		env: { ...sandbox.env, APIM_GATEWAY_URL: url, MCP_CLIENT_ID: clientId, ...env } });
	return { url, endpoint: `${url}/mcp`, entra, clientId, handler,
		/* The grants of signing in that reached Entra, in order. */
		grants: () => entra.requests.map(({ form }) => form?.grant_type).filter((type) => SIGNING_IN.includes(type)),
		reset: sandbox.reset,
		/* Nothing of anybody's codes, verifiers and tokens may have been logged. */
		async stop() {
			await handler.ask('/hello');
			assertKept(handler, sandbox.secrets);
			await handler.stop();
			await sandbox.stop();
		} };
}

const hosted = (mode) => (options) => startHosted({ ...options, mode });
/* The handler by itself, under the Functions host in each of its modes, and there behind the gateway. */
const PLACES = { alone: startAlone, proxying: hosted('proxying'), forwarding: hosted('forwarding'), payload: hosted('payload'), gateway: startBehindGateway };
export const ALL_PLACES = Object.keys(PLACES);

/* A suite of tests for each place (by name), made by a function of what gives the place: {url, endpoint,
 * entra, clientId, handler, grants, reset}.  env: a function that gives more settings. */
export function inEachPlace(suite, { places = ['alone', 'proxying', 'gateway'], env, ...options } = {}) {
	for (const name of places) {
		describe(name === 'alone' ? name : name === 'gateway' ? 'through the gateway' : `under the host, ${name}`, options, () => {
			const place = use(() => startPlace(PLACES[name], env?.()));
			suite(place);
		});
	}
}

/* A function that makes a client, {me, age, close}, for a test, and closes it behind it. */
export const opening = (clientOf) => async (t, ...given) => {
	const client = await clientOf(...given);
	t.after(client.close);
	return client;
};

/* The tests of a client, made by a function of (test, place, what it is given), with each kind of client
 * id: {name: what it is given, by place}. */
export function signsInWithEach(kinds, place, open) {
	for (const [kind, given] of Object.entries(kinds)) {
		test(`signs in with ${kind}, and renews its token`, async (t) =>
			signsIn(place(), await open(t, place(), given(place()))));
	}
}

/* The tests of a program that takes seconds: one kind of client id through the gateway, where the program runs as it is started, the others
 * at the handler alone.  Neither sees what the kinds differ in but what as_sent.test.mjs sends in every place; the SDKs sign in with each
 * everywhere, under the host too. */
export function programSignsIn(kinds, throughGateway, open, options) {
	const { [throughGateway]: one, ...others } = kinds;
	for (const [place, some, asStarted] of [['alone', others, false], ['gateway', { [throughGateway]: one }, true]])
		inEachPlace((its) => signsInWithEach(some, its, (...given) => open(...given, { asStarted })), { ...options, places: [place] });
}

/* A client, {me, age}, from nothing to a result of me, and on when its token has expired: me()
 * resolves to the profile; age(change) replaces the access token that the client has kept by what
 * change makes of it.  Nobody signs in a second time for it. */
export async function signsIn(place, client) {
	place.reset();
	await usesAndRenews(place, client);
}

async function usesAndRenews(place, client) {
	assert.equal((await client.me()).displayName, 'Adele Vance');
	assert.deepEqual(place.grants(), ['authorization_code']);
	await client.age((token) => aged(place.entra, token));
	assert.equal((await client.me()).displayName, 'Adele Vance');
	assert.deepEqual(place.grants(), SIGNING_IN);
	assert.equal(place.entra.counts.signIns, 1);
}

/* The same client when it cannot renew its token any more: it sends the person to sign in once more. */
export async function signsInAnew(place, client, end) {
	place.reset();
	await client.me();
	end(place.entra);
	await client.age((token) => aged(place.entra, token));
	assert.equal((await client.me()).displayName, 'Adele Vance');
	assert.deepEqual(place.grants(), [...SIGNING_IN, 'authorization_code']);
	assert.equal(place.entra.counts.signIns, 2);
}

/* A client whose person has signed in without multi-factor, before it is wanted for Graph. */
async function challenge(place, client) {
	place.reset();
	await client.me();
	place.entra.directory.requireMfa({ at: 'exchange' });
	await client.age((token) => aged(place.entra, token));
}

/* The challenge has it send the person to sign in once more, with multi-factor. */
export async function stepsUp(place, client) {
	await challenge(place, client);
	assert.equal((await client.me()).displayName, 'Adele Vance');
	assert.deepEqual(place.grants(), [...SIGNING_IN, 'authorization_code']);
	assert.equal(place.entra.counts.signIns, 2);
}

/* Or it does not. */
export async function givesUp(place, client) {
	await challenge(place, client);
	await assert.rejects(client.me());
	assert.equal(place.entra.counts.signIns, 1);
}

const SIGN_IN_CLAIMS = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';

/* Where everybody is asked for more at the sign-in, a client, made by a function of (test, place), is
 * never challenged. */
export function isAskedAtOnce(open) {
	inEachPlace((place) => {
		test('with SIGN_IN_CLAIMS it is never challenged, and renews its token', async (t) => {
			const client = await open(t, place());
			place().reset();
			place().entra.directory.requireMfa({ at: 'exchange' });
			await usesAndRenews(place(), client);
		});
	}, { places: ['alone'], env: () => ({ SIGN_IN_CLAIMS }) });
}

/* Where a program of the SDKs keeps what it knows, and how it sends the person away.  information: a
 * client id that was given; url: of a client metadata document; neither: the client registers. */
export function memoryProvider({ information, url } = {}) {
	const kept = { information };
	return { redirectUrl: REDIRECT,
		clientMetadataUrl: url,
		clientMetadata: { client_name: 'test', redirect_uris: [REDIRECT], token_endpoint_auth_method: 'none',
			grant_types: SIGNING_IN, response_types: ['code'] },
		clientInformation: () => kept.information,
		saveClientInformation(value) { kept.information = value; },
		invalidateCredentials(what) {
			if (what !== 'verifier')
				delete kept.tokens;
		},
		tokens: () => kept.tokens,
		saveTokens(value) { kept.tokens = value; },
		codeVerifier: () => kept.verifier,
		saveCodeVerifier(value) { kept.verifier = value; },
		state: () => 'a state of the client\'s own',
		discoveryState: () => kept.discovery,
		saveDiscoveryState(value) { kept.discovery = value; },
		async redirectToAuthorization(page) { kept.back = await new Person().signIn(page); },
		/* What the person came back with. */
		get code() {
			assert.equal(kept.back.state, this.state(), JSON.stringify(kept.back));
			return kept.back.code;
		},
		async age(change) {
			kept.tokens = { ...kept.tokens, access_token: await change(kept.tokens.access_token) };
		} };
}

/* The person's clicks on Entra's pages in a browser, until it is back at the client. */
export async function clickThrough(page) {
	await page.click('button', 'Adele Vance');
	await page.click('button', 'Accept');
}
