/*
 * The real Azure CLI signs in to the played Azure in each of the ways that a deployment does, and the small az that quick
 * tests run says the same words.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desk } from '../integration/stage/azure_desk.mjs';
import { hasRealAz, LOGINS } from '../sandbox/azure/az/az.mjs';
import { claimsOf } from '../sandbox/azure/tokens.mjs';

const options = { skip: hasRealAz() ? false : 'the real az is not installed (make azure-cli)' };
const BOTH = ['real', 'stand-in'];
const RESOURCES = ['https://management.core.windows.net/', 'https://graph.microsoft.com', 'https://vault.azure.net'];
const ERRORS_ONLY = ['--only-show-errors', '--output', 'json'];

/* What a call gives, without what is different each time. */
async function said(it, ...args) {
	const { status, output, errors } = await it.az(...args, ...ERRORS_ONLY);
	return { status, answer: output && JSON.parse(output), words: errors.split('\n')[0] };
}

/* What both say to the same, held equal. */
async function same(t, settings, ask) {
	const [real, standIn] = await Promise.all(BOTH.map(async (az) => ask(await desk(t, { az, ...settings }))));
	assert.deepEqual(standIn, real);
	return real;
}

for (const login of Object.keys(LOGINS)) {
	test(`login (${login}): who is signed in, and a token for each service`, options, async (t) => {
		const { account, tokens } = await same(t, { login }, async (it) => {
			const account = await said(it, 'account', 'show');
			const tokens = [];
			for (const resource of RESOURCES) {
				const { answer: { accessToken, expiresOn, expires_on: endsS, ...rest } } = await said(it, 'account', 'get-access-token', '--resource', resource);
				const { aud, oid, tid, idtyp } = claimsOf(accessToken);
				assert.ok(Math.abs(Date.parse(expiresOn) / 1000 - endsS) < 1);
				tokens.push({ ...rest, aud, oid, tid, idtyp });
			}
			return { account, tokens };
		});
		assert.equal(account.answer.user.type, login === 'user' ? 'user' : 'servicePrincipal');
		assert.deepEqual(tokens.map(({ aud }) => aud), RESOURCES);
	});
}

test('login: prints the same, and a user is shown what a device code is for', options, async (t) => {
	for (const login of ['user', 'secret'])
		await same(t, { login: 'nobody' }, async (it) => {
			const { status, output, errors } = await it.az(...LOGINS[login](it.azure));
			return { status, answer: JSON.parse(output), errors: errors.trim() };
		});
});

test('who is not signed in, or brings a wrong secret, is told so', options, async (t) => {
	const { shown, refused } = await same(t, { login: 'nobody' }, async (it) => ({ shown: await said(it, 'account', 'show'), token: await said(it, 'account', 'get-access-token'),
		refused: await said(it, ...LOGINS.secret({ ...it.azure, client: { ...it.azure.client, secret: 'wrong' } })) }));
	assert.deepEqual([shown.status, shown.words], [1, "ERROR: Please run 'az login' to setup account."]);
	assert.match(refused.words, /^ERROR: AADSTS7000215: /);
});

test('a token for a scope of a registration: the test\'s own, or the tenant\'s refusal', options, async (t) => {
	const scope = 'api://22222222-aaaa-4bbb-8ccc-222222222222/access_as_user';
	const ask = (it) => said(it, 'account', 'get-access-token', '--scope', scope);
	assert.match((await same(t, {}, ask)).words, /^ERROR: AADSTS500011: /);
	/* At a desk of its own: MSAL keeps a refusal for a minute, and asks no more. */
	const given = await same(t, {}, async (it) => {
		it.azure.mintUserToken = ({ resource, names }) => (resource.startsWith('api:') ? `${resource} ${names}` : undefined);
		return (await ask(it)).answer.accessToken;
	});
	assert.equal(given, scope.replace('/access', ' access'));
});

test('what was given for a federated token is kept when that has ended, and nothing else is given', options, async (t) => {
	const { kept, other } = await same(t, { login: 'federated' }, async (it) => {
		const token = (resource) => said(it, 'account', 'get-access-token', '--resource', resource);
		const first = (await token(RESOURCES[1])).answer.accessToken;
		it.azure.client.federations = [];
		const [kept, other] = [await token(RESOURCES[1]), await token(RESOURCES[2])];
		return { kept: kept.answer.accessToken === first, other };
	});
	assert.equal(kept, true);
	assert.match(other.words, /^ERROR: AADSTS70021\d: /);
});

test('the subscription is set, and must be one of those signed in to', options, async (t) => {
	const { set, unknown } = await same(t, { login: 'secret' }, async (it) => ({ set: await said(it, 'account', 'set', '--subscription', it.azure.subscriptionId),
		unknown: await said(it, 'account', 'set', '--subscription', it.azure.tenantId) }));
	assert.deepEqual([set.status, unknown.status], [0, 1]);
	assert.match(unknown.words, /^ERROR: The subscription of '.*' doesn't exist in cloud 'AzureCloud'\./);
});

for (const cloud of ['AzureCloud', 'AzureUSGovernment', 'AzureChinaCloud']) {
	test(`${cloud}: what az says of it, and somebody signs in there`, options, async (t) => {
		const { shown: { answer }, account } = await same(t, { cloud, login: 'secret' }, async (it) => ({ shown: await said(it, 'cloud', 'show'), account: await said(it, 'account', 'show') }));
		assert.deepEqual([answer.name, account.answer.environmentName], [cloud, cloud]);
	});
}
