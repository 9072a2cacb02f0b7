/*
 * The parts of the deployment that talk to nobody: its options, the clouds, what counts as the same, rights, and how a
 * policy carries its hash.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { preauthPatch } from '../../../apim/deploy/application.mjs';
import { cloudOf } from '../../../apim/deploy/cloud.mjs';
import { keepSettings } from '../../../apim/deploy/functions.mjs';
import { Run } from '../../../apim/deploy/run.mjs';
import { allows } from '../../../apim/deploy/hindrances.mjs';
import { OF_REMOVAL, readOptions } from '../../../apim/deploy/options.mjs';
import { gatewayResources, isStock, marked } from '../../../apim/deploy/policies.mjs';
import { differences } from '../../../apim/deploy/same.mjs';
import { namesOf } from '../../../apim/deploy/start.mjs';
import { renderFiles } from '../../../apim/render.mjs';
import { readPreauth } from '../../../apim/preauth.mjs';

const PREAUTH = fileURLToPath(new URL('../../../apim/preauth.example.json', import.meta.url));
const GIVEN = { RG: 'rg-test', LOCATION: 'westeurope', PREAUTH, PACKAGE: PREAUTH };
const refusal = (env) => {
	try {
		readOptions({ ...GIVEN, ...env });
	} catch (error) {
		return error.message;
	}
	return '';
};

suite('the options', () => {
	test('that are missing or wrong are all named at once', () => {
		const wrong = { RG: '', LOCATION: 'West Europe', NAME: 'X', FLAVOR: 'windows', APIM_SKU: 'Consumption', MCP_SIGN_IN: 'perhaps', MCP_IDENTIFIER: 'maybe', PREAUTH: '/nowhere',
			PACKAGE: '/nowhere.zip', ALWAYS_READY: '-1', INSTANCE_MEMORY_MB: '1024', DIAGNOSTICS_SAMPLING: '101', NETWORK: 'shut', CLIENT_ID: '5', PUBLISHER_EMAIL: 'x', ZIP_LIMIT_S: 'long' };
		const words = refusal(wrong);
		for (const name of Object.keys(wrong)) assert.ok(words.includes(name.startsWith('P') && name !== 'PUBLISHER_EMAIL' ? wrong[name] : name), name);
		assert.equal(words.split('\n').length, Object.keys(wrong).length);
	});

	test('that do not go together are refused', () => {
		for (const [env, words] of [[{ FLAVOR: 'linux', ALWAYS_READY: '1' }, /ALWAYS_READY needs/], [{ NETWORK: 'gateway' }, /NETWORK=gateway needs/],
			[{ NETWORK: 'private', APIM_SKU: 'Developer' }, /NETWORK=private needs APIM_SKU/], [{ NETWORK: 'private', APIM_SKU: 'StandardV2', FLAVOR: 'linux' }, /NETWORK=private needs FLAVOR/]])
			assert.match(refusal(env), words);
	});

	test('shut the function app where the tier has addresses of its own, and say nothing else unasked', () => {
		assert.equal(readOptions({ ...GIVEN, APIM_SKU: 'Developer' }).NETWORK, 'gateway');
		assert.equal(readOptions(GIVEN).NETWORK, 'open');
		assert.deepEqual([readOptions(GIVEN).ALWAYS_READY, readOptions({ ...GIVEN, MCP_IDENTIFIER: '' }).MCP_IDENTIFIER], [0, 'try']);
	});

	test('of a removal are fewer', () => {
		assert.deepEqual(Object.keys(readOptions({ RG: 'rg' }, OF_REMOVAL)).sort(), [...OF_REMOVAL].sort());
	});
});

test('the names are the same for the same subscription and group, and fit what Azure takes', () => {
	const names = namesOf({ NAME: 'a-name-of-15-abc', RG: 'rg' }, 'sub');
	assert.deepEqual(names, namesOf({ NAME: 'a-name-of-15-abc', RG: 'rg' }, 'sub'));
	assert.notEqual(names.vault, namesOf({ NAME: 'a-name-of-15-abc', RG: 'other' }, 'sub').vault);
	assert.match(names.storage, /^[a-z0-9]{3,24}$/);
	assert.match(names.vault, /^[a-z][a-z0-9-]{1,22}[a-z0-9]$/);
});

const CLOUDS = [
	['AzureCloud', 'management.azure.com', 'graph.microsoft.com', '.vault.azure.net', 'core.windows.net', ['login.microsoftonline.com', 'azurewebsites.net', 'azure-api.net']],
	['AzureUSGovernment', 'management.usgovcloudapi.net', 'graph.microsoft.us', '.vault.usgovcloudapi.net', 'core.usgovcloudapi.net', ['login.microsoftonline.us', 'azurewebsites.us', 'azure-api.us']],
	['AzureChinaCloud', 'management.chinacloudapi.cn', 'microsoftgraph.chinacloudapi.cn', '.vault.azure.cn', 'core.chinacloudapi.cn', ['login.partner.microsoftonline.cn', 'chinacloudsites.cn', 'azure-api.cn']],
];
for (const [name, arm, graph, vaults, storageEndpoint, ends] of CLOUDS) {
	test(`every address in ${name} is of that cloud`, () => {
		const cloud = cloudOf({ name, endpoints: { resourceManager: `https://${arm}/`, microsoftGraphResourceId: `https://${graph}`, activeDirectoryResourceId: 'a' }, suffixes: { keyvaultDns: vaults, storageEndpoint } });
		assert.deepEqual([cloud.arm, cloud.graph, cloud.vaultAudience, cloud.storage], [`https://${arm}`, `https://${graph}`, `https://${vaults.slice(1)}`, storageEndpoint]);
		assert.deepEqual([cloud.login, cloud.sites, cloud.gateways], ends);
	});
}

test('a cloud that is none of the three is named', () => {
	assert.throws(() => cloudOf({ name: 'AzureStack', endpoints: {}, suffixes: { keyvaultDns: '' } }), /AzureStack, which this deployment does not know/);
});

test('what differs is named by its path; what Azure says besides, in other letters or spaces does not differ', () => {
	assert.deepEqual(differences({ a: 1, b: { c: [1, 2], d: 4 }, location: 'East US 2' }, { b: { c: [1, 2] }, location: 'eastus2' }), []);
	assert.deepEqual(differences({ id: '/subscriptions/S/ResourceGroups/x' }, { id: '/subscriptions/s/resourcegroups/X' }), []);
	assert.deepEqual(differences({ b: { c: [1] }, e: false }, { b: { c: [1, 2] }, e: true, f: 'x', g: '', h: [] }), ['b.c', 'e', 'f']);
	assert.deepEqual(differences({ x: 'A' }, { x: 'a' }), ['x']);
});

test('a right is there where a role has it and does not take it away again', () => {
	const contributor = { actions: ['*'], notActions: ['Microsoft.Authorization/*/Write'] };
	const granter = { actions: ['Microsoft.Authorization/roleAssignments/*', '*/read'], notActions: [] };
	assert.ok(allows([contributor], 'Microsoft.Web/sites/write'));
	assert.ok(!allows([contributor], 'Microsoft.Authorization/roleAssignments/write'));
	assert.ok(allows([contributor, granter], 'Microsoft.Authorization/roleAssignments/write'));
	assert.ok(!allows([granter], 'Microsoft.Web/sites/write'));
});

test('the clients of preauth.json are those that the registration knows: they and no others', () => {
	const of = (appId) => ({ appId, delegatedPermissionIds: ['scope'] });
	const there = { api: { preAuthorizedApplications: [of('a'), of('b')] } };
	assert.deepEqual(preauthPatch(there, [of('b')]), { api: { preAuthorizedApplications: [of('b')] } });
	assert.equal(preauthPatch(there, [of('b'), of('a')]), undefined);
});

test('of the settings that are there, those that may be secrets are not said; a short one blots nothing', () => {
	const run = new Run({ options: {} });
	keepSettings(run, { AzureWebJobsStorage: 'AccountKey=abcdefgh', WEBSITE_RUN_FROM_PACKAGE: 'https://a.example/b?sig=c', CLIENT_SECRET: 'one-secret', A_KEY: 'one-key-here',
		APPLICATIONINSIGHTS_CONNECTION_STRING: 'InstrumentationKey=d', TOKEN_STORE: '1', AzureWebJobsStorage__accountName: 'graphmcp123456', OTHER: 'seen-by-all' });
	assert.equal(run.clean('AccountKey=abcdefgh https://a.example/b?sig=c one-secret one-key-here InstrumentationKey=d 1 graphmcp123456 seen-by-all'),
		'[secret] [secret] [secret] [secret] [secret] 1 graphmcp123456 seen-by-all');
});

suite('a policy', () => {
	const id = '11111111-2222-3333-4444-555555555555';
	const files = renderFiles({ preauth: readPreauth(PREAUTH), given: { TENANT_ID: id, CLIENT_ID: id, APIM_GATEWAY_URL: 'https://g.example', FUNCTION_APP_URL: 'https://f.example', KEY_VAULT_URL: 'https://vvv.vault.azure.net' } });
	const documents = Object.entries(files).filter(([path]) => path.endsWith('.xml'));

	test('carries the hash of its text as the first thing in its root, and another text another', () => {
		assert.ok(documents.length > 5);
		for (const [path, text] of documents) assert.match(marked(text), /<(policies|fragment)>\n\t<!-- sha256:[0-9a-f]{64} -->/, path);
		const hashes = documents.map(([, text]) => /sha256:\w+/.exec(marked(text))[0]);
		assert.equal(new Set(hashes).size, new Set(documents.map(([, text]) => text)).size);
	});

	test('refers to named values, of which one that the gateway could not read is of no use, though it was taken', () => {
		const { check } = gatewayResources({ known: {}, options: {} }, files).find(({ body }) => body.properties.keyVault);
		const told = (code) => check({ properties: { keyVault: { lastStatus: { code, message: 'words' } } } });
		assert.deepEqual([told('Success'), told('Forbidden')], [undefined, 'Forbidden: words']);
	});

	test('\'s diagnostics are the same where what is false by default is not given back, and not where it is true', () => {
		const { body, compare } = gatewayResources({ known: {}, options: { DIAGNOSTICS_SAMPLING: 100 } }, files).find(({ path }) => path.endsWith('/diagnostics/applicationinsights'));
		const { logClientIp, ...given } = body.properties;
		assert.deepEqual([logClientIp, compare({ properties: given }), compare({ properties: { ...given, logClientIp: true } })], [false, [], ['logClientIp']]);
	});

	test('that only forwards is nobody\'s; any other is', () => {
		assert.ok(isStock('<!-- words -->\r\n<policies>\r\n  <inbound></inbound>\r\n  <backend>\r\n <forward-request />\r\n </backend>\r\n  <outbound></outbound>\r\n</policies>'));
		assert.ok(!isStock('<policies><inbound><ip-filter action="allow" /></inbound><backend><forward-request /></backend></policies>'));
	});
});
