/*
 * The deployment against a stand-in for az and curl (test/sandbox/az/stand_in.mjs): which calls it makes and
 * in what order, that a second run changes nothing, that a failure stops it, that a secret is never
 * seen, and that --what-if calls nothing.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startAzStandIn } from '../../sandbox/az/stand_in.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SECRET = /SECRET-/;
const PREAUTH = join(ROOT, 'apim/preauth.example.json');

/* A folder with az, curl and a package; run() starts the deployment in it. */
async function desk(t) {
	const folder = mkdtempSync(join(tmpdir(), 'deploy-'));
	const file = (name) => join(folder, name);
	const azure = await startAzStandIn(file('bin'));
	t.after(() => {
		azure.stop();
		rmSync(folder, { recursive: true });
	});
	mkdirSync(file('tmp'));
	writeFileSync(file('functions.zip'), 'a package');
	async function start(script, more, ...args) {
		azure.calls.length = 0;
		const env = { PATH: `${file('bin')}:${process.env.PATH}`, HOME: folder, TMPDIR: file('tmp'), RG: 'rg-test',
			LOCATION: 'westeurope', TRIES: '2', WAIT_S: '0', PREAUTH, PACKAGE: file('functions.zip'), RENDERED: file('build'), ...more };
		const child = spawn(join(ROOT, 'apim', script), args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
		const [output, errors, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
		assert.deepEqual(readdirSync(file('tmp')), [], 'nothing is left in the temporary folder');
		const lines = azure.calls.map(({ program, argv }) => [program, ...argv].join(' '));
		return { status, output, errors, lines, calls: [...azure.calls], changes: azure.calls.filter((call) => call.changes) };
	}
	const run = (more = {}, ...args) => start('deploy.sh', more, ...args);
	return { run, start, azure, file };
}

async function deployed(t, more) {
	const it = await desk(t);
	const first = await it.run(more);
	assert.equal(first.status, 0, first.errors);
	return { ...it, first, state: it.azure.state };
}

/* The calls that match the patterns, which must occur in this order. */
function inOrder(lines, patterns) {
	let from = 0;
	for (const pattern of patterns) {
		const found = lines.findIndex((line, i) => i >= from && pattern.test(line));
		assert.ok(found >= from, `${pattern} after call ${from}`);
		from = found + 1;
	}
}

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

const PUBLIC_URIS = ['http://localhost/', 'http://localhost/callback', 'http://localhost/oauth/callback', 'http://localhost/mcp/oauth/callback',
	...['', '/'].map((end) => (resource) => `http://localhost/callback/${createHash('sha256').update(resource + end).digest().subarray(0, 9).toString('base64url')}`),
	'https://claude.ai/api/mcp/auth_callback', 'https://claude.com/api/mcp/auth_callback', 'https://vscode.dev/redirect',
	'https://insiders.vscode.dev/redirect', 'https://www.cursor.com/agents/mcp/oauth/callback'];
const urisOf = (resource) => PUBLIC_URIS.map((one) => (typeof one === 'string' ? one : one(resource)));

suite('the registration that MCP clients share', () => {
	test('has all redirect URIs on the one platform, this API\'s scope and offline_access, and nothing else', async (t) => {
		const { state: { apps: [api, client], settings } } = await deployed(t, {});
		assert.deepEqual(client.publicClient.redirectUris, urisOf(`${settings.APIM_GATEWAY_URL}/mcp`));
		assert.deepEqual([client.isFallbackPublicClient, client.web.redirectUris, client.spa.redirectUris], [false, [], []]);
		assert.deepEqual(client.grants.map(({ scope }) => scope), ['access_as_user', 'offline_access']);
		assert.deepEqual(client.requiredResourceAccess.map((one) => one.resourceAccess.length), [1, 1]);
		assert.equal(client.requiredResourceAccess[0].resourceAppId, api.appId);
	});

	test('is pre-authorized, and known to the gateway and the handler', async (t) => {
		const { state: { apps: [api, client], settings, resources } } = await deployed(t, {});
		assert.deepEqual(api.api.preAuthorizedApplications.at(-1), { appId: client.appId,
			delegatedPermissionIds: [api.api.oauth2PermissionScopes[0].id] });
		assert.equal(settings.MCP_CLIENT_ID, client.appId);
		assert.ok(settings.ALLOWED_CLIENT_IDS.endsWith(`,${client.appId}`));
		const fragment = Object.entries(resources).find(([path]) => path.endsWith('/policyFragments/signed-in-user'))[1];
		assert.ok(fragment.properties.value.includes(`<application-id>${client.appId}</application-id>`));
	});

	test('keeps what was added to it, and gets what was taken away', async (t) => {
		const { run, state: { apps: [, client] } } = await deployed(t, {});
		const [first, ...rest] = client.publicClient.redirectUris;
		client.publicClient.redirectUris = [...rest, 'https://chatgpt.com/connector/oauth/a1'];
		const { changes } = await run();
		assert.equal(changes.length, 1);
		assert.deepEqual(client.publicClient.redirectUris, [...rest, 'https://chatgpt.com/connector/oauth/a1', first]);
	});

	test('is not touched where one of its addresses is on another platform, where Entra would want a secret', async (t) => {
		const { run, state: { apps: [, client] } } = await deployed(t, {});
		for (const platform of ['web', 'spa']) {
			client[platform].redirectUris = ['https://claude.ai/api/mcp/auth_callback'];
			const { status, errors, changes } = await run();
			assert.equal(status, 1);
			assert.match(errors, /has redirect URIs under Web or SPA \(https:\/\/claude\.ai\/api\/mcp\/auth_callback\)/);
			assert.deepEqual(changes, []);
			client[platform].redirectUris = [];
		}
	});

	test('may be one that there is', async (t) => {
		const { run, state } = await deployed(t, {});
		state.apps[1].displayName = 'Ours';
		const { status, changes } = await run({ MCP_CLIENT_ID: state.apps[1].appId });
		assert.deepEqual([status, changes], [0, []]);
	});

	test('is not made where clients sign in at Entra itself', async (t) => {
		const { state: { apps, settings }, first } = await deployed(t, { MCP_SIGN_IN: 'no' });
		assert.deepEqual([apps.length, settings.MCP_CLIENT_ID], [1, undefined]);
		assert.ok(!first.lines.some((line) => line.includes('oauth-authorization-server')));
	});

	test('without the right to consent for all is left to each user', async (t) => {
		const { state: { apps }, first } = await deployed(t, { ADMIN_CONSENT: 'no' });
		assert.deepEqual([apps[1].grants, first.lines.filter((line) => line.includes('admin-consent'))], [undefined, []]);
	});
});

suite('one more redirect URI', () => {
	const URI = 'https://chatgpt.com/connector/oauth/a1';
	const add = (it, uri, more) => it.start('redirect-uri.sh', { URI: uri, ...more });

	test('is added to the registration and then to the handler\'s list, beside those of the default', async (t) => {
		const it = await deployed(t, {});
		const { status, errors, lines } = await add(it, URI);
		assert.equal(status, 0, errors);
		const { apps: [, client], settings } = it.state;
		assert.deepEqual(client.publicClient.redirectUris, [...urisOf(`${settings.APIM_GATEWAY_URL}/mcp`), URI]);
		assert.deepEqual(settings.MCP_REDIRECT_URIS.split(','), [...urisOf('').filter((one) => one.startsWith('https')), URI]);
		inOrder(lines, [/PATCH .*redirect\.json/, /appsettings set/]);
		const { changes } = await it.run();
		assert.deepEqual(changes, [], 'a deployment leaves it there');
	});

	test('is added once, and next to those that were added before', async (t) => {
		const it = await deployed(t, {});
		await add(it, URI);
		assert.deepEqual((await add(it, URI)).changes, []);
		await add(it, 'https://global.consent.azure-apim.net/redirect/b');
		assert.match(it.state.settings.MCP_REDIRECT_URIS, /,https:\/\/chatgpt\.com\/connector\/oauth\/a1,https:\/\/global\.consent\.azure-apim\.net\/redirect\/b$/);
	});

	test('of this machine is registered as Entra has it: localhost, without a port', async (t) => {
		const it = await deployed(t, {});
		for (const uri of ['http://127.0.0.1:5/own/path', 'http://[::1]:77/own/path', 'http://localhost/own/path'])
			assert.equal((await add(it, uri)).status, 0);
		const added = (list) => list.filter((one) => one.endsWith('/own/path'));
		assert.deepEqual(added(it.state.apps[1].publicClient.redirectUris), ['http://localhost/own/path']);
		assert.deepEqual(added(it.state.settings.MCP_REDIRECT_URIS.split(',')), ['http://localhost/own/path']);
	});

	test('that nobody may return to, or that a shell or a list would take apart, is refused before any call', async (t) => {
		const it = await desk(t);
		for (const uri of ['http://evil.example/cb', 'https://a.example/?a=b', 'https://a.example/cb,https://b.example/cb', 'https://a@b.example/cb',
			'https://a.example/$(id)', "https://a.example/'", 'https://a.example/#x', 'https://*.example/cb', 'cursor://x/y', 'http://localhost.evil.example/',
			'http://127.0.0.1:0/callback', `https://a.example/${'a'.repeat(256)}`, 'https://a.example/ b', 'https://a.example/\n', '']) {
			const { status, errors, lines } = await add(it, uri);
			assert.deepEqual([status, lines], [1, []], uri);
			assert.match(errors, uri ? /is no address that clients may return to/ : /URI is missing/, uri);
		}
	});

	test('goes to the function app that is named, where there is more than one or none', async (t) => {
		const it = await desk(t);
		const { status, errors } = await add(it, URI);
		assert.equal(status, 1);
		assert.match(errors, /^redirect-uri: There is not one function app in rg-test; say which one is meant with APP\.$/m);
		const named = await add(it, URI, { APP: 'mine' });
		assert.match(named.errors, /MCP_CLIENT_ID of mine is not set/);
		assert.deepEqual(named.changes, []);
	});

	for (const call of ['functionapp list', 'appsettings list', 'ad app show', 'method PATCH', 'appsettings set']) {
		test(`stops where "${call}" fails`, async (t) => {
			const it = await deployed(t, {});
			Object.assign(it.azure, { fail: new RegExp(call) });
			const { status, errors, lines } = await add(it, URI);
			assert.equal(status, 1);
			assert.match(errors, /^redirect-uri: /m);
			assert.match(lines.at(-1), new RegExp(call), 'no call after it');
		});
	}
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
