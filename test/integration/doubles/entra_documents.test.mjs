/*
 * Proves the documents that the sandbox Entra publishes: metadata and signing keys.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as jose from 'jose';
import { until } from '../../sandbox/common/until.mjs';
import { startEntra } from '../../sandbox/entra/entra.mjs';

let entra;

before(async () => { entra = await startEntra(); });
after(() => entra.close());

describe('metadata and keys', () => {
	test('a sandbox starts in less than 300 ms', async () => {
		const took = async () => {
			const begun = performance.now();
			const other = await startEntra();
			const ms = performance.now() - begun;
			await other.close();
			return ms;
		};
		await until(async () => await took() < 300); /* on a machine that has the time for it */
	});

	test('v2 metadata names this origin, this tenant and may be kept a day', async () => {
		const base = `${entra.url}/${entra.tenantId}`;
		const response = await fetch(`${base}/v2.0/.well-known/openid-configuration`);
		const body = await response.json();
		assert.match(response.headers.get('cache-control'), /max-age=86400/);
		assert.equal(body.issuer, `${base}/v2.0`);
		assert.equal(body.jwks_uri, `${base}/discovery/v2.0/keys`);
		assert.equal(body.token_endpoint, `${base}/oauth2/v2.0/token`);
		assert.equal(body.authorization_endpoint, `${base}/oauth2/v2.0/authorize`);
		assert.equal(entra.counts.metadata, 1);
	});

	test('v1 metadata names the v1 issuer and a key set without issuers', async () => {
		const base = `${entra.url}/${entra.tenantId}`;
		const body = await (await fetch(`${base}/.well-known/openid-configuration`)).json();
		assert.equal(body.issuer, `https://sts.windows.net/${entra.tenantId}/`);
		const { keys } = await (await fetch(body.jwks_uri)).json();
		assert.ok(keys.length > 0 && keys.every((key) => !('issuer' in key)));
	});

	test('another v1 issuer host is in the v1 metadata and in v1 tokens', async (t) => {
		const china = await startEntra({ v1IssuerHost: 'https://sts.chinacloudapi.cn' });
		t.after(() => china.close());
		const issuer = `https://sts.chinacloudapi.cn/${china.tenantId}/`;
		const document = `${china.tenantId}/.well-known/openid-configuration`;
		assert.equal((await (await fetch(`${china.url}/${document}`)).json()).issuer, issuer);
		assert.equal(jose.decodeJwt(await china.mintUserToken({ version: 1 })).iss, issuer);
		assert.deepEqual([china.counts.metadata, china.counts.metadataV1], [0, 1]);
	});

	test('a key set with a tag is not sent again until a key changes', async (t) => {
		const tagging = await startEntra();
		t.after(() => tagging.close());
		const uri = `${tagging.url}/${tagging.tenantId}/discovery/v2.0/keys`;
		assert.equal((await fetch(uri)).headers.get('etag'), null);
		tagging.keyTags = true;
		const tag = (await fetch(uri)).headers.get('etag');
		assert.match(tag, /^"[\w-]+"$/);
		const again = () => fetch(uri, { headers: { 'if-none-match': tag } });
		const same = await again();
		assert.deepEqual([same.status, await same.text()], [304, '']);
		assert.equal(same.headers.get('etag'), tag);
		assert.match(same.headers.get('cache-control'), /max-age=86400/);
		await tagging.rotateKeys();
		assert.equal((await again()).status, 200);
		assert.equal(tagging.counts.keysUnchanged, 1);
	});

	test('shared tenants keep the {tenantid} placeholder, unknown ones get a 400', async () => {
		const document = 'v2.0/.well-known/openid-configuration';
		const at = (tenant) => fetch(`${entra.url}/${tenant}/${document}`);
		const shared = await (await at('common')).json();
		assert.equal(shared.issuer, `${entra.url}/{tenantid}/v2.0`);
		const unknown = await at('11111111-2222-3333-4444-555555555555');
		assert.equal(unknown.status, 400);
		assert.deepEqual((await unknown.json()).error_codes, [90002]);
	});

	test('the key set has no alg, and holds decoys a validator must skip', async () => {
		const response = await fetch(`${entra.url}/common/discovery/v2.0/keys`);
		const { keys } = await response.json();
		assert.ok(keys.every((key) => !('alg' in key)));
		assert.ok(keys.some((key) => key.kty === 'EC'));
		assert.ok(keys.some((key) => !/^[\w-]+$/.test(key.n ?? 'absent')));
		assert.ok(keys.some((key) => key.issuer?.includes('partner.microsoftonline.cn')));
		const own = keys.filter((key) => key.issuer === `${entra.url}/{tenantid}/v2.0`
			&& /^[\w-]{300,}$/.test(key.n));
		assert.equal(own.length, 1);
	});
});
