/*
 * Proves the sandbox Entra itself: a double that is too kind, or wrong in a shape, would let the
 * handler pass for the wrong reason.  Tokens are checked here with jose, as any resource server
 * would check them.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as jose from 'jose';
import { USER_READ, tokenPath } from '../../sandbox/common/sandbox_client.mjs';
import { freshSandbox } from '../stage/sandbox.mjs';

const sandbox = await freshSandbox();
const { entra } = sandbox;

async function assertRefused(code, fields, options) {
	const { status, body } = await sandbox.exchange(fields, options);
	assert.deepEqual(body.error_codes, [code], body.error_description);
	assert.equal(entra.counts.exchanges, 0);
	return { status, ...body };
}

/* The key a careless validator picks: by kid alone. */
async function publishedKey(kid) {
	const keySet = `${entra.url}/${entra.tenantId}/discovery/v2.0/keys`;
	const { keys } = await (await fetch(keySet)).json();
	return keys.find((key) => key.kid === kid);
}

async function verify(token) {
	const { kid } = jose.decodeProtectedHeader(token);
	const key = await publishedKey(kid);
	assert.ok(key, 'kid is published');
	return jose.jwtVerify(token, await jose.importJWK(key, 'RS256'), { algorithms: ['RS256'] });
}

describe('user tokens', () => {
	test('v2 tokens verify and carry the v2 claims', async () => {
		const { payload, protectedHeader } = await verify(await entra.mintUserToken());
		assert.deepEqual(Object.keys(protectedHeader), ['typ', 'alg', 'kid']);
		assert.equal(payload.iss, `${entra.url}/${entra.tenantId}/v2.0`);
		assert.equal(payload.aud, entra.clientId);
		assert.equal(payload.ver, '2.0');
		assert.equal(payload.scp, 'access_as_user');
		assert.equal(payload.oid, entra.users.adele.oid);
		assert.equal(payload.tid, entra.tenantId);
		assert.equal(payload.preferred_username, entra.users.adele.username);
		assert.ok(payload.azp && payload.uti && payload.sub && !payload.appid);
	});

	test('v1 tokens verify and carry the v1 claims', async () => {
		const token = await entra.mintUserToken({ version: 1, user: 'zoe' });
		const { payload, protectedHeader } = await verify(token);
		assert.deepEqual(Object.keys(protectedHeader), ['typ', 'alg', 'x5t', 'kid']);
		assert.equal(payload.iss, `https://sts.windows.net/${entra.tenantId}/`);
		assert.equal(payload.aud, `api://${entra.clientId}`);
		assert.equal(payload.ver, '1.0');
		assert.equal(payload.name, 'Zoë Ünïcode 雪');
		assert.ok(payload.appid && payload.upn && payload.unique_name && !payload.azp);
	});

	test('every token is unique, even for one user in one second', async () => {
		const mint = () => entra.mintUserToken();
		const tokens = await Promise.all(Array.from({ length: 20 }, mint));
		assert.equal(new Set(tokens).size, 20);
	});

	test('overrides replace claims and header members, undefined deletes them', async () => {
		const token = await entra.mintUserToken({ claims: { aud: 'x', scp: undefined },
			header: { typ: 'at+jwt', kid: undefined } });
		const header = jose.decodeProtectedHeader(token);
		assert.deepEqual(header, { typ: 'at+jwt', alg: 'RS256' });
		const claims = jose.decodeJwt(token);
		assert.equal(claims.aud, 'x');
		assert.ok(!('scp' in claims));
	});

	test('guests have an idp and our tenant, people elsewhere their own tenant', async () => {
		const claims = async (user) => jose.decodeJwt(await entra.mintUserToken({ user }));
		const guest = await claims('guest');
		assert.equal(guest.tid, entra.tenantId);
		assert.match(guest.idp, /^https:\/\/sts\.windows\.net\//);
		const personal = await claims('personal');
		assert.equal(personal.tid, '9188040d-6c67-4c5b-b112-36a304b66dad');
		assert.equal(personal.iss, `${entra.url}/${personal.tid}/v2.0`);
	});

	test('rotation publishes the unpublished key and keeps or drops the old one', async () => {
		const old = await entra.mintUserToken();
		const early = await entra.mintUserToken({ key: 'unpublished' });
		const kid = (token) => jose.decodeProtectedHeader(token).kid;
		assert.equal(await publishedKey(kid(early)), undefined);
		await entra.rotateKeys();
		await verify(early);
		await verify(old);
		await entra.rotateKeys({ keepOld: false });
		assert.equal(await publishedKey(kid(old)), undefined);
		const dropped = await entra.mintUserToken({ key: 'rotated-out' });
		assert.equal(kid(dropped), kid(early));
		const { body } = await sandbox.exchange({ assertion: old });
		assert.deepEqual(body.error_codes, [50013]);
	});
});

describe('hostile tokens', () => {
	/* Wrong only for the resource server: size and names of scopes are not Entra's business, it
	 * ignores what the header adds or calls itself, and of two it reads the last. */
	const FINE_FOR_ENTRA = ['partial-scope', 'nul-scope', 'oversized', 'wrong-typ', 'twice-oid',
		'twice-typ'];

	test('every kind is minted, and none is exchanged that Entra can see through', async () => {
		for (const kind of entra.hostileKinds) {
			const assertion = await entra.mintHostile(kind);
			const { status, body } = await sandbox.exchange({ assertion });
			const expected = FINE_FOR_ENTRA.includes(kind) ? 200 : 400;
			assert.equal(status, expected, `${kind}: ${body.error_description}`);
		}
	});

	test('kinds that are about claims are signed with the published key', async () => {
		for (const kind of ['app-only', 'foreign-audience', 'wrong-issuer', 'wrong-tenant',
			'no-scp', 'partial-scope', 'oversized', 'id-token', 'graph-audience'])
			await verify(await entra.mintHostile(kind));
		await assert.rejects(verify(await entra.mintHostile('expired')), /"exp"/);
		await assert.rejects(verify(await entra.mintHostile('not-yet-valid')), /"nbf"/);
	});

	test('kinds that are about signatures do not verify', async () => {
		for (const kind of ['alg-none', 'hs256-with-public-key', 'rs512', 'ps256',
			'ps256-called-rs256', 'bad-signature', 'tampered-payload', 'no-signature'])
			await assert.rejects(verify(await entra.mintHostile(kind)), kind);
	});

	test('decoy-signed kinds verify, so only the key-issuer rule can refuse them', async () => {
		await verify(await entra.mintHostile('foreign-cloud-key'));
		await verify(await entra.mintHostile('tenant-bound-key'));
	});

	test('hs256-with-public-key is signed with the PEM of the real public key', async () => {
		const token = await entra.mintHostile('hs256-with-public-key');
		const jwk = await publishedKey(jose.decodeProtectedHeader(token).kid);
		const pem = await jose.exportSPKI(await jose.importJWK(jwk, 'RS256',
			{ extractable: true }));
		await jose.compactVerify(token, Buffer.from(`${pem}\n`));
	});

	test('an oversized token is over 16 KB, an unknown kind is an error', async () => {
		assert.ok((await entra.mintHostile('oversized')).length > 16 * 1024);
		await assert.rejects(entra.mintHostile('no-such'), /alg-none/);
	});
});

describe('the token endpoint', () => {
	test('exchanges a good token for one that Graph takes for the same user', async () => {
		const { status, headers, body } = await sandbox.exchange();
		assert.equal(status, 200);
		assert.deepEqual(Object.keys(body), ['token_type', 'scope', 'expires_in',
			'ext_expires_in', 'access_token']);
		assert.equal(body.token_type, 'Bearer');
		assert.equal(body.expires_in, 3599);
		assert.match(headers.get('cache-control'), /no-store/);
		const answer = await sandbox.readMe(body.access_token);
		assert.equal(answer.body.id, entra.users.adele.oid);
		assert.equal(entra.counts.exchanges, 1);
		assert.deepEqual(entra.counts.byUser, { [entra.users.adele.oid]: 1 });
	});

	test('exchanges v1 tokens, guests, and people of other tenants at theirs', async () => {
		const v1 = await entra.mintUserToken({ version: 1 });
		assert.equal((await sandbox.exchange({ assertion: v1 })).status, 200);
		const guest = await entra.mintUserToken({ user: 'guest' });
		assert.equal((await sandbox.exchange({ assertion: guest })).status, 200);
		const fay = await entra.mintUserToken({ user: 'fabrikam' });
		const { tid } = entra.users.fabrikam;
		const elsewhere = await sandbox.exchange({ assertion: fay }, { tenant: tid });
		assert.equal(elsewhere.status, 200);
	});

	test('an issued token looks like a JWT but its signature does not verify', async () => {
		const { access_token: token } = (await sandbox.exchange()).body;
		assert.equal(jose.decodeJwt(token).aud, 'https://graph.microsoft.com');
		assert.ok(jose.decodeProtectedHeader(token).nonce);
		await assert.rejects(verify(token), /signature/);
	});

	test('tokens of exchanged assertions are traced back to them', async () => {
		const assertion = await entra.mintUserToken({ user: 'zoe' });
		const { body } = await sandbox.exchange({ assertion });
		const known = entra.introspectGraphToken(body.access_token);
		assert.equal(known.user.oid, entra.users.zoe.oid);
		assert.equal(known.assertionUti, jose.decodeJwt(assertion).uti);
		assert.deepEqual(known.scopes, ['User.Read']);
		assert.equal(entra.introspectGraphToken(assertion), undefined);
	});

	test('expiresIn and refreshIn shape later answers', async () => {
		entra.expiresIn = 299;
		entra.refreshIn = 120;
		const { body } = await sandbox.exchange();
		assert.equal(body.expires_in, 299);
		assert.equal(body.refresh_in, 120);
	});

	test('refuses requests that are not a proper form', async () => {
		const post = async (type, body) => {
			const response = await fetch(entra.url + tokenPath(entra.tenantId), {
				method: 'POST', body, headers: { 'content-type': type } });
			return (await response.json()).error_codes[0];
		};
		const form = 'application/x-www-form-urlencoded';
		assert.equal(await post('text/plain', String(await sandbox.form())), 900144);
		assert.equal(await post(form, ''), 900144);
		assert.equal(await post(form, 'grant_type=%zz'), 9002313);
		assert.equal(await post(form, 'scope=a&scope=b'), 9002313);
		const get = await fetch(entra.url + tokenPath(entra.tenantId));
		assert.deepEqual((await get.json()).error_codes, [900561]);
	});

	test('refuses a wrong or missing secret and an unknown application', async () => {
		const wrong = await assertRefused(7000215, { client_secret: 'guess' });
		assert.equal(wrong.status, 401);
		assert.equal(wrong.error, 'invalid_client');
		await assertRefused(7000218, { client_secret: undefined });
		const unknown = await assertRefused(700016, { client_id: entra.tenantId });
		assert.equal(unknown.error, 'unauthorized_client');
		assert.equal(entra.counts.rejected, 3);
	});

	test('a secret that was not percent-encoded is a wrong secret', async () => {
		const form = await sandbox.form({ client_secret: undefined });
		const response = await fetch(entra.url + tokenPath(entra.tenantId), {
			method: 'POST', body: `${form}&client_secret=${entra.clientSecret}`,
			headers: { 'content-type': 'application/x-www-form-urlencoded' } });
		assert.deepEqual((await response.json()).error_codes, [7000215]);
	});

	test('refuses another grant, another use and missing parameters', async () => {
		await assertRefused(70003, { grant_type: 'client_credentials' });
		await assertRefused(9002313, { requested_token_use: 'other' });
		await assertRefused(900144, { requested_token_use: undefined });
		await assertRefused(900144, { scope: undefined });
		await assertRefused(900144, { assertion: '' });
	});

	test('takes User.Read or .default, refuses both together and other resources', async () => {
		const everything = 'https://graph.microsoft.com/.default';
		const all = await sandbox.exchange({ scope: everything });
		assert.match(all.body.scope, /\/User\.Read .*\/\.default/);
		entra.resetCounts();
		await assertRefused(70011, { scope: `${USER_READ} ${everything}` });
		await assertRefused(70011, { scope: 'openid' });
		await assertRefused(65001, { scope: 'https://graph.microsoft.com/Mail.Read' });
		await assertRefused(500011, {
			scope: 'https://graph.microsoft.com.evil.example/User.Read' });
	});

	test('refuses an assertion at another tenant, and unknown tenants', async () => {
		await assertRefused(50013, {}, { tenant: entra.users.fabrikam.tid });
		await assertRefused(90002, {}, { tenant: 'common' });
	});

	test('refuses assertions with the number of what is wrong with them', async () => {
		for (const [kind, code] of [['bad-signature', 50013], ['wrong-issuer', 50013],
			['foreign-cloud-key', 50013], ['expired', 500133],
			['foreign-audience', 500131], ['app-only', 7000114],
			['no-scp', 7000114], ['garbage', 50027]])
			await assertRefused(code, { assertion: await entra.mintHostile(kind) });
	});

	test('refuses an assertion of somebody who is not in the directory', async () => {
		await assertRefused(50020, { assertion: await entra.mintUserToken({
			claims: { oid: '11111111-2222-3333-4444-555555555555' } }) });
	});

	test('errors have exactly the shape of Entra', async () => {
		const id = 'a7d3b0ee-3a6d-4b53-a1a7-0d4d1a0f9f10';
		const sent = { 'client-request-id': id, 'return-client-request-id': 'true' };
		const { headers, body } = await sandbox.exchange({ client_secret: 'guess' },
			{ headers: sent });
		assert.deepEqual(Object.keys(body), ['error', 'error_description', 'error_codes',
			'timestamp', 'trace_id', 'correlation_id', 'error_uri']);
		const [text, ...ids] = body.error_description.split('\r\n');
		assert.match(text, /^AADSTS7000215: Invalid client secret/);
		assert.deepEqual(ids, [`Trace ID: ${body.trace_id}`, `Correlation ID: ${id}`,
			`Timestamp: ${body.timestamp}`]);
		assert.match(body.timestamp, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/);
		assert.equal(body.correlation_id, id);
		assert.equal(headers.get('x-ms-request-id'), body.trace_id);
		assert.equal(headers.get('client-request-id'), id);
	});

	test('client-request-id comes back as a header only when asked for', async () => {
		const sent = { 'client-request-id': 'abc' };
		const { headers } = await sandbox.exchange({}, { headers: sent });
		assert.equal(headers.get('client-request-id'), null);
	});

	test('claims are remembered for the token, and must be a JSON object', async () => {
		const claims = { access_token: { xms_cc: { values: ['cp1'] } } };
		const { body } = await sandbox.exchange({ claims: JSON.stringify(claims) });
		assert.deepEqual(entra.introspectGraphToken(body.access_token).claims, claims);
		entra.resetCounts();
		await assertRefused(9002313, { claims: 'cp1' });
		await assertRefused(9002313, { claims: '["cp1"]' });
	});

	test('requests are recorded with their form and headers', async () => {
		await sandbox.exchange({}, { headers: { 'x-probe': 'yes' } });
		const [request] = entra.requests;
		assert.equal(request.method, 'POST');
		assert.equal(request.path, tokenPath(entra.tenantId));
		assert.equal(request.headers['x-probe'], 'yes');
		assert.equal(request.form.client_secret, entra.clientSecret);
	});

	test('150 exchanges at once all succeed', async () => {
		const exchange = () => sandbox.exchange();
		const answers = await Promise.all(Array.from({ length: 150 }, exchange));
		assert.ok(answers.every(({ status }) => status === 200));
		assert.equal(entra.counts.exchanges, 150);
	});
});
