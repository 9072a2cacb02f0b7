/*
 * The deployment against a stand-in for az and curl (test/sandbox/az/stand_in.mjs): which calls it makes and
 * in what order, that a second run changes nothing, that a failure stops it, that a secret is never
 * seen, and that --what-if calls nothing.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { PREAUTH, deployed, desk, inOrder } from '../stage/az_desk.mjs';

const SECRET = /SECRET-/;

const VARIANTS = [
	{ OBO_CREDENTIAL: 'managed-identity', FLAVOR: 'flex' },
	{ OBO_CREDENTIAL: 'secret', FLAVOR: 'linux' },
];

for (const variant of VARIANTS) {
	suite(`deploying with ${variant.OBO_CREDENTIAL} on ${variant.FLAVOR}`, () => {
		test('makes everything, each thing after what it needs', async (t) => {
			const { first } = await deployed(t, variant);
			inOrder(first.lines, [/group create/, /storage account create/, /keyvault create/, /functionapp create .*--runtime custom/,
				/PUT .*gateway\.json/, /apim wait .*--created/, /ad app create/, /rest --method PATCH .*scope\.json/, /PATCH .*resource\.json/, /ad app create/, /PATCH .*public\.json/, /PATCH .*preauth\.json/,
				/ad sp create/, /admin-consent/, /ad sp create/, /admin-consent/, variant.OBO_CREDENTIAL === 'secret' ? /credential reset/ : /federated-credential create/,
				/appsettings set/, /config-zip/, /functionapp keys set/, /keyvault secret set .*function-key/,
				/PUT .*namedValues/, /PUT .*backends/, /PUT .*policyFragments/, /PUT .*apis\/graph-mcp\?/,
				/PUT .*apis\/graph-mcp\/policies/, /PUT .*operations\/me\/policies/, /PUT .*apis\/graph-mcp-metadata\?/,
				/curl .*\/hello/, /curl .*\/oauth-authorization-server/, /get-access-token/, /curl .*\/me/]);
		});

		test('changes nothing the second time', async (t) => {
			const { run } = await deployed(t, variant);
			const second = await run(variant);
			assert.equal(second.status, 0, second.errors);
			assert.deepEqual(second.changes, []);
		});

		test('shows no secret in an argument or its output, and stores each in the vault', async (t) => {
			const { first, state } = await deployed(t, variant);
			assert.doesNotMatch(JSON.stringify(first.calls) + first.output + first.errors, SECRET);
			const { secrets, settings, resources } = state;
			assert.match(secrets['function-key'], /^SECRET-host-key-\d+$/);
			assert.equal('client-secret' in secrets, variant.OBO_CREDENTIAL === 'secret');
			assert.doesNotMatch(JSON.stringify({ ...settings, AzureWebJobsStorage: '' }) + JSON.stringify(resources), SECRET);
		});
	});
}

test('the function app of the flex flavour has no plan options of the classic one, and the reverse', async (t) => {
	const { first } = await deployed(t, VARIANTS[0]);
	const create = first.lines.find((line) => line.includes('functionapp create'));
	assert.match(create, /--flexconsumption-location westeurope --runtime custom --runtime-version 1\.0/);
	const { first: classic } = await deployed(t, VARIANTS[1]);
	assert.match(classic.lines.find((line) => line.includes('functionapp create')),
		/--consumption-plan-location westeurope --os-type Linux --functions-version 4 --runtime custom/);
});

test('preauth.json reaches the registration and the handler alike', async (t) => {
	const { state } = await deployed(t, { MCP_SIGN_IN: 'no' });
	const listed = JSON.parse(readFileSync(PREAUTH, 'utf8')).api.preAuthorizedApplications;
	const { app, settings } = state;
	assert.deepEqual(app.api.preAuthorizedApplications, listed);
	assert.equal(settings.ALLOWED_CLIENT_IDS, listed.map(({ appId }) => appId).join(','));
	assert.equal(app.api.requestedAccessTokenVersion, 2);
	assert.deepEqual(app.identifierUris, [`api://${app.appId}`, `${settings.APIM_GATEWAY_URL}/mcp`]);
	assert.equal(app.api.oauth2PermissionScopes[0].id, listed[0].delegatedPermissionIds[0]);
});

test('the old permissionIds is understood and sent as version 1.0 of Graph wants it', async (t) => {
	const it = await desk(t);
	const listed = JSON.parse(readFileSync(PREAUTH, 'utf8')).api.preAuthorizedApplications;
	const old = listed.map(({ appId, delegatedPermissionIds }) => ({ appId, permissionIds: delegatedPermissionIds }));
	writeFileSync(it.file('old.json'), JSON.stringify({ api: { preAuthorizedApplications: old } }));
	const { status, errors } = await it.run({ PREAUTH: it.file('old.json'), MCP_SIGN_IN: 'no' });
	assert.equal(status, 0, errors);
	assert.deepEqual(it.azure.state.app.api.preAuthorizedApplications, listed);
});

test('a scope that the registration already has under another id stops it, with that id', async (t) => {
	const { run, state } = await deployed(t, {});
	state.app.api.oauth2PermissionScopes[0].id = '99999999-9999-9999-9999-999999999999';
	const { status, errors } = await run();
	assert.equal(status, 1);
	assert.match(errors, /scope access_as_user has the id 99999999-9999-9999-9999-999999999999/);
});

test('a new package is deployed, and nothing else', async (t) => {
	const { run, file, state } = await deployed(t, {});
	writeFileSync(file('functions.zip'), 'another package');
	const { changes } = await run();
	assert.deepEqual(changes.map(({ argv }) => argv.slice(0, 3).join(' ')), ['functionapp deployment source', 'tag update --resource-id']);
	assert.equal(state.deployed, 'another package');
});

test("another owner's global policy is left as it is", async (t) => {
	const { run, state } = await deployed(t, {});
	const path = Object.keys(state.resources).find((one) => /^\/service\/[^/]+\/policies\/policy$/.test(one));
	state.resources[path].properties.value = '<policies><inbound><ip-filter action="allow"/></inbound></policies>';
	const { status, output, changes } = await run();
	assert.equal(status, 0);
	assert.match(output, /global policy is not ours and stays as it is/);
	assert.deepEqual(changes, []);
});

test('what is not known everywhere yet is tried again', async (t) => {
	const it = await desk(t);
	Object.assign(it.azure, { fail: /ad sp create/, failTimes: 1 });
	const { status, errors, lines } = await it.run({ MCP_SIGN_IN: 'no' });
	assert.equal(status, 0, errors);
	assert.equal(lines.filter((line) => line.startsWith('az ad sp create')).length, 2);
});

const STOPS = ['account show', 'group exists', 'storage account list', 'storage account create', 'keyvault create',
	'role assignment list', 'role assignment create', 'functionapp create', 'functionapp identity', 'gateway\\.json', 'apim wait', 'ad app list',
	'ad app create', 'method PATCH', 'ad sp list', 'admin-consent', 'federated-credential list', 'appsettings list',
	'credential reset', 'appsettings set', 'config-zip', 'secret list', 'keys set', 'secret set', 'method GET', 'method PUT', 'get-access-token'];

for (const call of STOPS) {
	test(`a failing "${call}" stops the deployment with a message`, async (t) => {
		const it = await desk(t);
		it.azure.fail = new RegExp(call);
		const { status, errors, lines } = await it.run({ OBO_CREDENTIAL: call === 'federated-credential list' ? 'managed-identity' : 'secret' });
		assert.equal(status, 1);
		assert.match(errors, /^deploy: /m);
		assert.match(errors, /told to fail/);
		assert.match(lines.at(-1), new RegExp(call), 'no call after it');
	});
}

test('an identifier URI on a domain that is not verified stops it; MCP_IDENTIFIER=no goes on without', async (t) => {
	const it = await desk(t);
	it.azure.state.unverified = true;
	const stopped = await it.run();
	assert.equal(stopped.status, 1);
	assert.match(stopped.output, /its domain must be one that the tenant has verified/);
	assert.match(stopped.errors, /HostNameNotOnVerifiedDomain/);
	const went = await it.run({ MCP_IDENTIFIER: 'no' });
	assert.equal(went.status, 0, went.errors);
});

test('signed in as an application, it needs an e-mail address and asks for no user token', async (t) => {
	const it = await desk(t);
	it.azure.state.userType = 'servicePrincipal';
	const stopped = await it.run();
	assert.equal(stopped.status, 1);
	assert.match(stopped.errors, /PUBLISHER_EMAIL is missing/);
	const went = await it.run({ PUBLISHER_EMAIL: 'ops@contoso.example' });
	assert.equal(went.status, 0, went.errors);
	assert.ok(!went.lines.some((line) => line.includes('get-access-token')));
});

test('what is missing or wrong is named at once, before any call', async (t) => {
	const { status, errors, lines } = await (await desk(t)).run({ RG: '', LOCATION: '', FLAVOR: 'windows', APIM_SKU: 'Consumption',
		OBO_CREDENTIAL: 'none', NAME: 'X', MCP_SIGN_IN: 'perhaps', PREAUTH: '/nowhere', PACKAGE: '/nowhere.zip' });
	assert.equal(status, 1);
	for (const name of ['RG', 'LOCATION', 'FLAVOR', 'APIM_SKU', 'OBO_CREDENTIAL', 'NAME', 'MCP_SIGN_IN', '/nowhere', '/nowhere.zip'])
		assert.ok(errors.includes(name), name);
	assert.deepEqual(lines, []);
});

test('--what-if prints the calls of a first deployment and makes none', async (t) => {
	const { first } = await deployed(t, {});
	const { status, output, lines } = await (await desk(t)).run({}, '--what-if');
	assert.equal(status, 0);
	assert.deepEqual(lines, []);
	const printed = output.split('\n').filter((line) => /^ {2}(az|curl) /.test(line));
	const words = (line) => line.trim().split(' ').slice(0, 4).filter((word) => /^[a-z-]+$/.test(word) && !word.startsWith('-')).join(' ');
	assert.deepEqual(printed.map(words), first.lines.map(words));
});
