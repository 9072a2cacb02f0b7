/*
 * Whose tokens are taken: those of the issuers that the tenant's metadata documents name, of either
 * version; and as long as a document cannot be had, of the one that its cloud is known for.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertError, challengeOf, during, startAlone, startSandbox, until } from '../stage/fixture.mjs';

const GLOBAL = 'https://sts.windows.net';
const CHINA = 'https://sts.chinacloudapi.cn';
const UNHEARD = 'https://sts.new-cloud.example';

/* Each test has an Entra of its own. */
async function pair(t, v1IssuerHost) {
	const sandbox = await during(t, startSandbox());
	const { entra } = sandbox;
	const handler = await during(t, startAlone({ env: sandbox.env }));
	entra.v1IssuerHost = v1IssuerHost;
	const state = async (token) => (await handler.ask('/status', { token })).json
		.authentication.state;
	/* A v1 token of that issuer, whatever the metadata says. */
	const v1Of = (host, more = {}) => entra.mintUserToken({ version: 1, ...more,
		claims: { iss: `${host}/${entra.tenantId}/` } });
	const fetches = () => entra.counts.keys + entra.counts.metadata + entra.counts.metadataV1;
	return { entra, handler, state, v1Of, fetches };
}

describe('issuers', { concurrency: 4 }, () => {
	test('a v1 token is taken of the issuer that the metadata names, and of no other', async (t) => {
		const { entra, handler, v1Of } = await pair(t, CHINA);
		const good = await entra.mintUserToken({ version: 1 });
		assert.equal((await handler.ask('/me', { token: good })).status, 200);
		for (const host of [GLOBAL, UNHEARD, entra.url]) {
			const answer = await handler.ask('/me', { token: await v1Of(host) });
			assertError(answer, 401, 'invalid_token');
		}
		assert.equal((await handler.ask('/me', { token: good })).status, 200);
		const v2 = await entra.mintUserToken();
		assert.equal((await handler.ask('/me', { token: v2 })).status, 200);
	});

	test('the first token decides nothing: the metadata does', async (t) => {
		const { state, v1Of, fetches } = await pair(t, CHINA);
		assert.equal(await state(await v1Of(GLOBAL)), 'invalid');
		assert.equal(fetches(), 3);
		assert.equal(await state(await v1Of(CHINA)), 'authenticated');
		assert.equal(fetches(), 3);
	});

	test('an issuer that no cloud is known for is taken once the metadata was read', async (t) => {
		const { entra, state, v1Of, fetches } = await pair(t, UNHEARD);
		assert.equal(await state(await v1Of(UNHEARD)), 'invalid');
		assert.equal(fetches(), 0); /* it may be anybody's */
		assert.equal(await state(await entra.mintUserToken()), 'authenticated');
		assert.equal(await state(await v1Of(UNHEARD)), 'authenticated');
		assert.equal(await state(await v1Of(CHINA)), 'invalid');
	});

	test('another issuer causes no fetch, before the metadata was read or after', async (t) => {
		const { entra, state, v1Of, fetches } = await pair(t, GLOBAL);
		const junk = { key: 'unpublished' };
		assert.equal(await state(await v1Of(UNHEARD, junk)), 'invalid');
		assert.equal(await state(await entra.mintHostile('wrong-issuer')), 'invalid');
		assert.equal(fetches(), 0);
		assert.equal(await state(await v1Of(GLOBAL)), 'authenticated');
		assert.equal(fetches(), 3);
		for (const host of [CHINA, UNHEARD])
			assert.equal(await state(await v1Of(host, junk)), 'invalid');
		assert.equal(fetches(), 3);
	});

	test('a refused issuer is answered with the one that is expected, of a token of either version', async (t) => {
		const { entra, handler, v1Of } = await pair(t, CHINA);
		const v2 = `${entra.url}/${entra.tenantId}/v2.0`;
		const other = `https://login.microsoftonline.us/${entra.tenantId}/v2.0`;
		const said = async (token) => {
			const answer = await handler.ask('/me', { token });
			const { message } = assertError(answer, 401, 'invalid_token').json.error;
			assert.equal(challengeOf(answer).error_description, message);
			return message;
		};
		const sentence = (came, expected) => `The access token's issuer is '${came}'; this API takes '${
			expected}' (its TENANT_ID and AUTHORITY_HOST say which).`;
		assert.equal(await said(await entra.mintUserToken({ claims: { iss: other } })), sentence(other, v2));
		await handler.ask('/me', { token: await entra.mintUserToken() });
		const china = `${CHINA}/${entra.tenantId}/`;
		await handler.ask('/me', { token: await entra.mintUserToken({ version: 1 }) });
		assert.equal(await said(await v1Of(GLOBAL)), sentence(`${GLOBAL}/${entra.tenantId}/`, china));
	});

	test('what a token says of its issuer is shown within bounds, and nothing else of it', async (t) => {
		const { entra, handler } = await pair(t, CHINA);
		for (const [iss, shown] of [
			['https://a.example/"\\\n<b>\u001b é', 'https://a.example/????b?????'],
			['https://a.example/'.padEnd(5000, 'x'), 'https://a.example/'.padEnd(100, 'x')],
			['', ''],
		]) {
			const token = await entra.mintUserToken({ claims: { iss, name: 'Nobody but Me' } });
			const { text, json } = await handler.ask('/me', { token });
			assert.equal(json.error.message.split("'")[2], shown, JSON.stringify(iss));
			for (const part of [...token.split('.'), 'Nobody but Me']) assert.ok(!text.includes(part));
		}
		for (const iss of [7, null, undefined]) {
			const { status, json } = await handler.ask('/me', { token: await entra.mintUserToken({ claims: { iss } }) });
			assert.equal(json.error.message, 'The access token names no issuer (iss).');
			assert.equal(status, 401);
		}
	});

	test('a token for another API, another tenant or of no version is told what is expected', async (t) => {
		const { entra, handler } = await pair(t, CHINA);
		const said = async (options) => {
			const answer = await handler.ask('/me', { token: await entra.mintUserToken(options) });
			return assertError(answer, 401, 'invalid_token').json.error.message;
		};
		const aud = 'https://other.example';
		assert.ok((await said({ claims: { aud } })).endsWith(`its audience (aud) must be '${entra.clientId}'.`));
		assert.ok((await said({ version: 1, claims: { aud, iss: `${GLOBAL}/${entra.tenantId}/` } }))
			.endsWith(`its audience (aud) must be 'api://${entra.clientId}'.`));
		assert.ok((await said({ claims: { tid: entra.clientId } })).endsWith(`this API takes '${entra.tenantId}'.`));
		assert.match(await said({ claims: { ver: undefined } }), /\(ver\)/);
	});

	for (const [what, fault] of [
		['cannot be had', { kind: 'http_503' }],
		['names another tenant', { kind: 'raw', status: 200,
			body: `{"issuer":"${CHINA}/5e0a7c1f-1d3b-4f6e-9a52-7b8c9d0e1f2a/"}` }],
		['names no https address', { kind: 'raw', status: 200,
			body: '{"issuer":"http://sts.windows.net/{tenantid}/"}' }],
	]) {
		test(`where the v1 metadata ${what} the cloud's known issuer serves`, async (t) => {
			const { entra, handler, state, v1Of } = await pair(t, CHINA);
			entra.fail({ on: 'metadataV1', times: Infinity, ...fault });
			assert.equal(await state(await v1Of(GLOBAL)), 'authenticated');
			assert.equal(await state(await v1Of(CHINA)), 'invalid');
			assert.equal(await state(await entra.mintUserToken()), 'authenticated');
			assert.equal(entra.counts.metadataV1, 1);
			const unknown = () => handler.lines.filter(({ text }) => text.includes('issuer_unknown')).length;
			await until(() => unknown() > 0);
			assert.equal(unknown(), 1);
		});
	}

	test('with Entra away from the start a v1 token is a 503, afterwards a 200', async (t) => {
		const { entra, handler, v1Of } = await pair(t, CHINA);
		entra.fail({ on: 'metadata', kind: 'http_503' });
		const token = await v1Of(CHINA);
		assertError(await handler.ask('/me', { token }), 503, 'upstream_unavailable');
		await until(async () => (await handler.ask('/me', { token })).status === 200);
	});
});
