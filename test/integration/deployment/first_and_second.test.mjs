/*
 * A first deployment into an empty subscription makes everything, each thing after what it needs, and a second writes
 * nothing: both flavours, both credentials, the three clouds.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { desk } from '../stage/azure_desk.mjs';

const VARIANTS = [
	['managed-identity on flex', { env: { OBO_CREDENTIAL: 'managed-identity', FLAVOR: 'flex' } }],
	['secret on linux', { env: { OBO_CREDENTIAL: 'secret', FLAVOR: 'linux' } }],
	['managed-identity in the cloud of the US government', { cloud: 'AzureUSGovernment', env: { LOCATION: 'usgovvirginia' },
		hosts: /\.(usgovcloudapi\.net|microsoft\.us|azurewebsites\.us|azure-api\.us)$|^login\.microsoftonline\.us$/ }],
	['managed-identity in the cloud of China', { cloud: 'AzureChinaCloud', env: { LOCATION: 'chinanorth3', FLAVOR: 'linux' },
		hosts: /\.(chinacloudapi\.cn|azure\.cn|chinacloudsites\.cn|azure-api\.cn)$|^login\.(chinacloudapi|partner\.microsoftonline)\.cn$/ }],
];

/* What comes before what: each of the calls is there, in this order. */
const ORDER = [/POST .*\/register$/, /PUT .*\/resourceGroups\/rg-test$/, /PUT .*\/storageAccounts\/\w+$/, /PUT .*\/vaults\/[\w-]+$/, /PUT .*\/vaults\/.*\/roleAssignments\//,
	/PUT .*\/workspaces\//, /PUT .*\/components\//, /PUT .*\/serverfarms\//, /PUT .*\/sites\/[\w-]+$/, /PUT .*\/service\/[\w-]+$/, /POST \/v1\.0\/applications$/,
	/POST \/v1\.0\/applications$/, /POST \/v1\.0\/oauth2PermissionGrants$/, /PUT .*\/config\/appsettings$/, /PATCH .*\/tags\/default$/, /PUT .*\/functionkeys\/apim$/,
	/PUT \/secrets\/function-key$/, /PUT .*\/namedValues\//, /PUT .*\/backends\//, /PUT .*\/policyFragments\//, /PUT .*\/apis\/graph-mcp$/, /PUT .*\/operations\/me\/policies\//,
	/PUT .*\/loggers\/appinsights$/, /PUT .*\/diagnostics\/applicationinsights$/];

function inOrder(lines) {
	let from = 0;
	for (const pattern of ORDER) {
		const found = lines.findIndex((line, i) => i >= from && pattern.test(line));
		assert.ok(found >= 0, `${pattern} after ${lines[from - 1]}`);
		from = found + 1;
	}
}
const written = ({ writes }) => writes.map(({ method, path }) => `${method} ${path}`);

for (const [name, { env, cloud, hosts }] of VARIANTS) {
	suite(`deploying with ${name}`, () => {
		test('makes everything in order, changes nothing the second time, and asks nobody else', async (t) => {
			const it = await desk(t, { cloud });
			const first = await it.deploy(env);
			assert.equal(first.status, 0, first.output + first.errors);
			inOrder(written(first));
			const second = await it.deploy(env);
			assert.equal(second.status, 0, second.errors);
			assert.deepEqual(written(second), []);
			if (hosts) for (const { host } of [...first.calls, ...second.calls]) assert.match(host, hosts);
		});
	});
}

test('the gateway writes to Application Insights, without bodies or queries, with the caller\'s traceparent', async (t) => {
	const it = await desk(t);
	assert.equal((await it.deploy({ DIAGNOSTICS_SAMPLING: '25' })).status, 0);
	const gateway = it.azure.apim.instance(it.azure.resources.below('/subscriptions').find(({ type }) => type === 'Microsoft.ApiManagement/service').name);
	const all = ['graph-mcp', 'graph-mcp-metadata'].flatMap((api) => gateway.in(`apis/${api}/diagnostics`));
	assert.equal(all.length, 2);
	for (const { properties } of all) {
		assert.deepEqual([properties.httpCorrelationProtocol, properties.sampling.percentage, properties.logClientIp], ['W3C', 25, false]);
		for (const side of [properties.frontend, properties.backend])
			assert.deepEqual([side.request.body.bytes, side.response.body.bytes, side.request.dataMasking.queryParams], [0, 0, [{ value: '*', mode: 'Hide' }]]);
	}
});
