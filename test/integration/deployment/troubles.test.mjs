/*
 * What can go wrong in Azure while something is deployed, and what the deployment makes of it: it goes on by itself, or it
 * stops with Azure's words and what to do next.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import http from '../../sandbox/common/http.mjs';
import { asUser, askAs } from '../stage/azure_client.mjs';
import { PREAUTH, desk, shared, zipOf } from '../stage/azure_desk.mjs';
import { mustBeInManual } from '../stage/azure/manual.mjs';

async function deployed(t, { env, ...options } = {}) {
	const it = await desk(t, options);
	const first = await it.deploy(env);
	assert.equal(first.status, 0, first.output + first.errors);
	return { ...it, env, first, G: `/subscriptions/${it.azure.subscriptionId}/resourceGroups/rg-test` };
}

/* Stops, with these words and this advice, and the manual has them. */
async function stops(it, env, words, advice) {
	const { status, errors, output } = await it.deploy(env);
	assert.equal(status, 1, output);
	assert.match(errors, words);
	mustBeInManual(errors);
	if (advice) assert.match(errors, advice);
}
const only = (azure, type) => azure.resources.below('/subscriptions').find((one) => one.type === type);

suite('it goes on by itself', () => {
	test('where Azure is busy: everywhere once; and where a change that was made a moment ago is still going on', async (t) => {
		const it = await desk(t);
		it.azure.fail(/^PUT .*\/config\/appsettings/, { status: 409, code: 'Conflict', message: 'Cannot modify this site because another operation is in progress. Details: Id: 1' });
		for (const pattern of [/^PUT .*storageAccounts/, /^GET .*vaults/, /^POST graph\.[^/]*\/v1\.0\/applications/, /^PUT .*namedValues/, /^GET .*operation/i])
			it.azure.fail(pattern, { status: 429, code: 'TooManyRequests', headers: { 'retry-after': '0' } });
		const { status, output, errors } = await it.deploy();
		assert.equal(status, 0, errors);
		assert.equal(output.match(/429, asked again/g).length, 5);
		assert.match(output, /app settings: 409, asked again/);
	});

	test('with rights in the group alone, where what was deleted in the subscription is not to be seen', async (t) => {
		const it = await desk(t, { registered: undefined, ownsSubscription: false });
		const G = `/subscriptions/${it.azure.subscriptionId}/resourceGroups/rg-test`;
		it.azure.resources.put(G, { id: G, name: 'rg-test', type: 'Microsoft.Resources/resourceGroups', location: 'westeurope', tags: {}, properties: { provisioningState: 'Succeeded' } });
		assert.match((await it.deploy({}, '--what-if')).output, /\nNothing is seen that would stop it/);
		const { status, output, errors } = await it.deploy();
		assert.equal(status, 0, output + errors);
		it.azure.registered = [];
		assert.match((await it.deploy({}, '--what-if')).output, /\nWould stop it: you may not register Microsoft\.Web in the subscription\. .*az provider register --wait --namespace Microsoft\.Web/);
		await stops(it, {}, /Microsoft\.Web: 403 AuthorizationFailed/, /Who has rights in the subscription has to register/);
	});

	test('signed in as an application, without a call as a user', async (t) => {
		const it = await desk(t, { login: 'secret', userType: 'servicePrincipal' });
		await stops(it, {}, /PUBLISHER_EMAIL is missing/);
		const { status, output, errors } = await it.deploy({ PUBLISHER_EMAIL: 'ops@contoso.example' });
		assert.equal(status, 0, errors);
		assert.match(output, /Left out: No call as a user/);
	});
});

suite('what is deployed', () => {
	const it = shared((t) => deployed(t, { forbidSharedKeys: true }));
	const site = () => it.azure.siteNamed(only(it.azure, 'Microsoft.Web/sites').name);
	const instance = () => only(it.azure, 'Microsoft.ApiManagement/service');
	async function changed(env) {
		const { status, errors, writes } = await it.deploy(env);
		assert.equal(status, 0, errors);
		return writes.map(({ method, path }) => `${method} ${path.split('/').slice(-2).join('/')}`);
	}
	const asked = async (method, path, body) => {
		const answer = await askAs(it.azure, asUser(it.azure), method, `${path}?api-version=2024-05-01`, { body });
		assert.ok(answer.status < 300, JSON.stringify(answer.body));
	};

	test('has a storage account without shared keys, in a tenant that forbids them', () => {
		assert.equal(only(it.azure, 'Microsoft.Storage/storageAccounts').properties.allowSharedKeyAccess, false);
	});

	test('is changed by one write where one setting differs', async () => {
		assert.deepEqual(await changed({ ALWAYS_READY: '2' }), [`PATCH sites/${site().resource.name}`]);
		assert.deepEqual(site().resource.properties.functionAppConfig.scaleAndConcurrency.alwaysReady, [{ name: 'http', instanceCount: 2 }]);
		assert.deepEqual(await changed(), [`PATCH sites/${site().resource.name}`]);
	});

	test('is given the policies that another rate renders, and no other; and the old ones again', async () => {
		const own = it.azure.apim.instance(instance().name);
		const others = await changed({ RATE_PER_USER: '77' });
		assert.ok(others.length > 0 && others.every((line) => /^PUT polic/.test(line)), others.join());
		const holding = () => own.all().filter(({ nodes }) => JSON.stringify(nodes ?? '').includes('"77"'));
		assert.ok(holding().length > 0);
		assert.equal((await changed()).length, others.length);
		assert.deepEqual(holding(), []);
	});

	test('loses the settings that are to be none', async () => {
		await changed({ ALLOWED_ORIGINS: 'https://app.example' });
		assert.match(site().settings.ALLOWED_ORIGINS, /,https:\/\/app\.example$/);
		site().settings.MANAGED_IDENTITY = '';
		site().settings.CLIENT_SECRET = 'of a former deployment';
		await changed();
		assert.deepEqual(['CLIENT_SECRET' in site().settings, site().settings.MANAGED_IDENTITY], [false, 'system']);
		assert.doesNotMatch(site().settings.ALLOWED_ORIGINS, /app\.example/);
	});

	test('keeps the settings that others gave the app', async () => {
		site().settings.OF_OTHERS = 'stays';
		delete site().settings.TENANT_ID;
		assert.deepEqual(await changed(), ['PUT config/appsettings']);
		assert.deepEqual([site().settings.OF_OTHERS, site().settings.TENANT_ID], ['stays', it.azure.tenantId]);
	});

	test('keeps another owner\'s global policy', async () => {
		const inbound = '<set-header name="x-theirs" exists-action="override"><value>1</value></set-header>';
		const value = `<policies><inbound>${inbound}</inbound><backend><forward-request /></backend><outbound /><on-error /></policies>`;
		await asked('PUT', `${instance().id}/policies/policy`, { properties: { format: 'xml', value } });
		const { status, output, writes } = await it.deploy();
		assert.equal(status, 0);
		assert.match(output, /Left out: The global policy is not ours and stays as it is/);
		assert.deepEqual(writes, []);
	});

	test('is given an API of another contract anew', async () => {
		const api = it.azure.apim.instance(instance().name).find('apis/graph-mcp');
		api.properties.description = api.properties.description.replace(/Contract \w+\./, 'Contract 0000.');
		assert.ok((await changed()).includes('PUT apis/graph-mcp'));
	});

	test('is given the app\'s key anew where that is another by now', async () => {
		site().functionKeys.apim = 'SECRET-another';
		assert.deepEqual(await changed(), ['PUT secrets/function-key']);
	});

	test('keeps the size and the other identities that somebody gave the gateway', async () => {
		instance().sku.capacity = 3;
		instance().identity.type = 'SystemAssigned, UserAssigned';
		assert.deepEqual(await changed(), []);
		await changed({ APIM_SKU: 'StandardV2' });
		assert.deepEqual([instance().sku, instance().identity.type], [{ name: 'StandardV2', capacity: 3 }, 'SystemAssigned, UserAssigned']);
		await changed();
	});

	test('is given a new package, and its hash kept; one that does not arrive is brought again', async () => {
		const zip = zipOf({ 'host.json': '{"version": "2.0"}', 'bin/handler': 'another' });
		writeFileSync(it.file('functions.zip'), zip);
		it.azure.fail(/^POST .*\/api\/publish/, { status: 500, message: 'lost' });
		await stops(it, {}, /config-zip failed: .*500/, /log stream/);
		assert.deepEqual(await changed(), ['POST api/publish', 'PATCH tags/default']);
		assert.deepEqual(it.azure.packages.get(site().resource.name), zip);
	});

	test('waits for a package that an interrupted run left on its way', async () => {
		writeFileSync(it.file('functions.zip'), zipOf({ 'host.json': '{"version": "2.0"}', 'bin/handler': 'a third' }));
		it.azure.fail(/^GET .*\/api\/deployments\/latest/, { cut: 'before' });
		assert.equal((await it.deploy()).status, 1);
		const { status, output, errors } = await it.deploy();
		assert.equal(status, 0, errors);
		assert.match(output, /the package: another is on its way, tried again/);
	});

	test('has a secret that somebody deleted again: it comes back and gets another value', async () => {
		await changed({ OBO_CREDENTIAL: 'secret' });
		const vault = only(it.azure, 'Microsoft.KeyVault/vaults');
		const before = new Map([...vault.secrets].map(([name, versions]) => [name, versions.length]));
		for (const name of ['client-secret', 'function-key']) await askAs(it.azure, asUser(it.azure), 'DELETE', `https://${vault.name}.vault.azure.net/secrets/${name}?api-version=7.4`);
		assert.equal(vault.secrets.size, 0);
		const { status, output, errors } = await it.deploy({ OBO_CREDENTIAL: 'secret' });
		assert.equal(status, 0, errors);
		assert.match(output, /secret client-secret was deleted and is brought back/);
		assert.deepEqual([...vault.secrets.keys()].sort(), ['client-secret', 'function-key']);
		for (const [name, versions] of vault.secrets) assert.equal(versions.length, before.get(name) + 1, name);
	});

	test('is not well where the gateway lets anybody in', async (t) => {
		const open = http.createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
		await once(open, 'listening');
		t.after(() => open.close());
		it.azure.serveGateway = () => `http://127.0.0.1:${open.address().port}`;
		await stops(it, {}, /\/me answered 200, not 401/);
		delete it.azure.serveGateway;
	});

	test('is called as the user only where preauth.json knows az: else it stops there, with what to do', async () => {
		const { api: { preAuthorizedApplications: clients } } = JSON.parse(readFileSync(PREAUTH, 'utf8'));
		const others = clients.filter(({ appId }) => appId !== it.azure.azureCli);
		writeFileSync(it.file('preauth.json'), JSON.stringify({ api: { preAuthorizedApplications: others } }));
		await stops(it, { PREAUTH: it.file('preauth.json') }, /az account get-access-token .*failed: .*AADSTS65001/, /works without this call.*04b07795.*az login --scope api:/s);
	});
});

suite('it stops', () => {
	test('before anything is made where az names who is signed in by no e-mail address', async (t) => {
		const it = await desk(t, { userName: 'live.com#dev@contoso.example' });
		await stops(it, {}, /PUBLISHER_EMAIL is missing/);
		assert.deepEqual(it.azure.writes, []);
	});
});

/* In the order in which a deployment comes by: each goes on where the one before it stopped. */
suite('one after another it stops', () => {
	const it = shared(desk);

	test('before it writes anything at what is wrong in preauth.json or in a setting of the gateway, all named at once', async () => {
		writeFileSync(it.file('preauth.json'), '{}');
		await stops(it, { PREAUTH: it.file('preauth.json'), RATE_PER_USER: 'many' }, /preauth\.json[^]*RATE_PER_USER is not/);
		assert.deepEqual(it.azure.writes, []);
	});

	test('at a name that somebody else has', async () => {
		it.azure.fail(/^PUT .*storageAccounts/, { status: 409, code: 'StorageAccountAlreadyTaken', message: 'taken' }, 1);
		await stops(it, {}, /StorageAccountAlreadyTaken/, /another NAME/);
	});

	test('at shared keys that a policy forbids', async () => {
		it.azure.forbidSharedKeys = true;
		await stops(it, { FLAVOR: 'linux' }, /RequestDisallowedByPolicy/, /policy of your organisation/);
	});

	test('at a right that is missing, with the right', async () => {
		it.azure.mayAssignRoles = false;
		await stops(it, {}, /403 AuthorizationFailed/, /Owner of the resource group/);
		it.azure.mayAssignRoles = true;
	});

	test('at a package that does not begin, with where to look', async () => {
		it.azure.unhealthy = true;
		await stops(it, {}, /config-zip failed: .*unhealthy/, /log stream/);
		it.azure.unhealthy = false;
	});

	test('at a policy that Azure refuses, with the reason', async () => {
		it.azure.fail(/^PUT .*\/operations\/me\/policies\//, { status: 400, code: 'ValidationError', message: 'Error in element \'set-variable\' on line 12, column 4: no such thing.' }, Infinity);
		await stops(it, {}, /policy of me: 400 ValidationError: Error in element 'set-variable' on line 12/);
	});

	test('at a deleted gateway that cannot come back, with the command that frees its name', async () => {
		assert.equal((await it.run('undeploy.mjs', { YES: '1' })).status, 0);
		it.azure.fail(/^PUT .*Microsoft\.ApiManagement\/service\/[^/]+\?/, { status: 404, code: 'ServiceNotFound', message: 'Api service x cannot be undeleted.' }, Infinity);
		await stops(it, {}, /ServiceNotFound: .* cannot be undeleted/, /az apim deletedservice purge --service-name graph-mcp-\w+ --location westeurope/);
	});
});

suite('who reaches the function app', () => {
	const reached = ({ azure }, caller) => azure.reaches(only(azure, 'Microsoft.Web/sites').name, caller);

	/* Shut or not, from where it is deployed; and nothing else is written. */
	async function takesPackages(it, env) {
		writeFileSync(it.file('functions.zip'), zipOf({ 'host.json': '{"version": "2.0"}', 'bin/handler': 'a newer one' }));
		const { status, errors, writes } = await it.deploy(env);
		assert.equal(status, 0, errors);
		assert.deepEqual(writes.map(({ path }) => path.split('/').slice(-2).join('/')), ['api/publish', 'tags/default']);
	}

	test('only the gateway\'s addresses, where it has some, without the Echo API of a new instance, which would hide ours; others\' rules stay; and everybody again with NETWORK=open', async (t) => {
		const it = await deployed(t, { env: { APIM_SKU: 'Developer' } });
		assert.match(it.first.output, /delete Echo API/);
		assert.deepEqual(it.azure.resources.ids.filter((id) => /\/apis\/echo-api/.test(id)), []);
		const [ip] = only(it.azure, 'Microsoft.ApiManagement/service').properties.publicIPAddresses;
		assert.deepEqual([reached(it, { ip }), reached(it, { ip: '192.0.2.77' })], [true, false]);
		await takesPackages(it, { APIM_SKU: 'Developer' });
		assert.deepEqual((await it.deploy({ APIM_SKU: 'Developer' })).writes, []);
		const site = it.azure.siteNamed(only(it.azure, 'Microsoft.Web/sites').name);
		site.config.ipSecurityRestrictions.push({ ipAddress: '198.51.100.7/32', action: 'Allow', tag: 'Default', priority: 50, name: 'theirs' });
		only(it.azure, 'Microsoft.ApiManagement/service').properties.additionalLocations = [{ location: 'East US', publicIPAddresses: ['192.0.2.99'] }];
		await it.deploy({ APIM_SKU: 'Developer' });
		assert.deepEqual(['198.51.100.7', '192.0.2.99', '192.0.2.77'].map((one) => reached(it, { ip: one })), [true, true, false]);
		assert.deepEqual((await it.deploy({ APIM_SKU: 'Developer' })).writes, []);
		site.config.ipSecurityRestrictions = site.config.ipSecurityRestrictions.filter(({ name }) => name !== 'theirs');
		const open = await it.deploy({ APIM_SKU: 'Developer', NETWORK: 'open' });
		assert.equal(open.writes.length, 1);
		assert.equal(reached(it, { ip: '192.0.2.77' }), true);
	});

	test('only the private endpoint with NETWORK=private', async (t) => {
		const env = { APIM_SKU: 'StandardV2', NETWORK: 'private' };
		const it = await deployed(t, { env });
		assert.deepEqual([reached(it, { viaPrivateEndpoint: true }), reached(it, { ip: '192.0.2.77' })], [true, false]);
		const { virtualNetworkType, virtualNetworkConfiguration } = only(it.azure, 'Microsoft.ApiManagement/service').properties;
		assert.deepEqual([virtualNetworkType, /\/subnets\/gateway$/.test(virtualNetworkConfiguration.subnetResourceId)], ['External', true]);
		const inZone = only(it.azure, 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups').properties.privateDnsZoneConfigs;
		assert.match(inZone[0].properties.privateDnsZoneId, /\/privatelink\.azurewebsites\.net$/);
		assert.ok(only(it.azure, 'Microsoft.Network/privateDnsZones/virtualNetworkLinks'));
		await takesPackages(it, env);
		const gone = await it.run('undeploy.mjs', { YES: '1' });
		assert.equal(gone.status, 0, gone.errors);
		assert.equal(it.azure.resources.get(it.G), undefined);
	});
});
