/*
 * A first deployment into an empty subscription makes everything, each thing after what it needs, and a second writes
 * nothing: both flavours, both credentials, the three clouds.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { desk } from '../stage/azure_desk.mjs';

const VARIANTS = [
	['managed-identity on flex', { env: { OBO_CREDENTIAL: 'managed-identity', FLAVOR: 'flex', DIAGNOSTICS_SAMPLING: '25', PUBLISHER_NAME: 'Contoso' }, seen: [isShut, isTold] }],
	['secret on linux', { env: { OBO_CREDENTIAL: 'secret', FLAVOR: 'linux' } }],
	['managed-identity in the cloud of the US government', { cloud: 'AzureUSGovernment', env: { LOCATION: 'usgovvirginia' },
		entra: ['https://login.microsoftonline.us', 'https://graph.microsoft.us'],
		hosts: /\.(usgovcloudapi\.net|microsoft\.us|azurewebsites\.us|azure-api\.us)$|^login\.microsoftonline\.us$/ }],
	['managed-identity in the cloud of China', { cloud: 'AzureChinaCloud', env: { LOCATION: 'chinanorth3', FLAVOR: 'linux' },
		entra: ['https://login.partner.microsoftonline.cn', 'https://microsoftgraph.chinacloudapi.cn'],
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
const typed = (azure, type) => azure.resources.below('/subscriptions').filter((one) => one.type?.toLowerCase() === type.toLowerCase());

/* Whose name has which role. */
function rolesOf(azure) {
	const identities = ['Microsoft.Web/sites', 'Microsoft.ApiManagement/service'].flatMap((type) => typed(azure, type).map(({ identity }) => [identity.principalId, type]));
	const names = new Map([[azure.userId, 'deployer'], ...identities]);
	return typed(azure, 'Microsoft.Authorization/roleAssignments').map(({ properties: { principalId, roleDefinitionId, scope } }) =>
		[names.get(principalId), roleDefinitionId.split('/').at(-1).slice(0, 8), scope.split('/').at(-2)].join(' ')).sort();
}

/* Nobody has more rights than needed, and nothing speaks old TLS, plain HTTP, or to the public. */
function isShut({ azure }) {
	assert.deepEqual(rolesOf(azure), ['Microsoft.ApiManagement/service 4633458b vaults', 'Microsoft.Web/sites 4633458b vaults',
		'Microsoft.Web/sites b7e6dc6d storageAccounts', 'deployer b86a8fe4 vaults']);
	const [[account], [{ name }], [service]] = ['Microsoft.Storage/storageAccounts', 'Microsoft.Web/sites', 'Microsoft.ApiManagement/service'].map((type) => typed(azure, type));
	const { allowBlobPublicAccess, minimumTlsVersion, supportsHttpsTrafficOnly, allowSharedKeyAccess } = account.properties;
	assert.deepEqual([allowBlobPublicAccess, minimumTlsVersion, supportsHttpsTrafficOnly, allowSharedKeyAccess], [false, 'TLS1_2', true, false]);
	const { config, resource: { properties: { httpsOnly } } } = azure.siteNamed(name);
	assert.deepEqual([httpsOnly, config.minTlsVersion], [true, '1.2']);
	for (const { properties } of azure.apim.instance(service.name).in('backends'))
		assert.deepEqual(properties.tls, { validateCertificateChain: true, validateCertificateName: true });
}

/* The app and the gateway write to Application Insights, the gateway without bodies, headers or queries, with the caller's traceparent; and it has its
 * publisher. */
function isTold({ azure }) {
	const [service] = typed(azure, 'Microsoft.ApiManagement/service');
	assert.equal(service.properties.publisherName, 'Contoso');
	const gateway = azure.apim.instance(service.name);
	const all = ['graph-mcp', 'graph-mcp-metadata'].flatMap((api) => gateway.in(`apis/${api}/diagnostics`));
	assert.equal(all.length, 2);
	const [{ properties: { ConnectionString } }] = typed(azure, 'Microsoft.Insights/components');
	assert.equal(azure.siteNamed(typed(azure, 'Microsoft.Web/sites')[0].name).settings.APPLICATIONINSIGHTS_CONNECTION_STRING, ConnectionString);
	for (const { properties } of all) {
		assert.deepEqual([properties.httpCorrelationProtocol, properties.sampling.percentage, properties.logClientIp, properties.alwaysLog], ['W3C', 25, false, 'allErrors']);
		for (const side of [properties.frontend, properties.backend]) {
			assert.deepEqual([side.request.body.bytes, side.response.body.bytes, side.request.dataMasking.queryParams], [0, 0, [{ value: '*', mode: 'Hide' }]]);
			assert.deepEqual([side.request.headers, side.response.headers], [[], []]);
		}
	}
}

for (const [name, { env, cloud, hosts, entra, seen = [] }] of VARIANTS) {
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
			const { settings } = it.azure.siteNamed(typed(it.azure, 'Microsoft.Web/sites')[0].name);
			if (entra) assert.deepEqual([settings.AUTHORITY_HOST, settings.GRAPH_BASE_URL], entra);
			for (const rule of seen) rule(it);
		});
	});
}
