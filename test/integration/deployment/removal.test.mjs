/*
 * What was deployed is removed, and nothing else; what was removed comes back under its name.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { asUser, askAs } from '../stage/azure_client.mjs';
import { desk, shared } from '../stage/azure_desk.mjs';

async function deployed(t, more) {
	const it = await desk(t);
	const first = await it.deploy(more);
	assert.equal(first.status, 0, first.output + first.errors);
	return { ...it, G: `/subscriptions/${it.azure.subscriptionId}/resourceGroups/rg-test` };
}
const idsBelow = ({ azure, G }) => azure.resources.below(G).map(({ id }) => id);

suite('what was deployed', () => {
	const it = shared(deployed);

	test('is listed without YES=1, and nothing is removed', async () => {
		const { status, output, writes } = await it.run('undeploy.mjs');
		assert.equal(status, 0);
		assert.match(output, /would delete API Management[^]*would delete resource group rg-test[^]*YES=1 removes them/);
		assert.deepEqual(writes, []);
	});

	test('goes with YES=1, the registrations and the group too; nothing is purged, but how is said', async () => {
		const { status, output, errors } = await it.run('undeploy.mjs', { YES: '1' });
		assert.equal(status, 0, errors);
		assert.deepEqual(idsBelow(it), []);
		assert.equal(it.azure.resources.get(it.G), undefined);
		assert.deepEqual([...it.azure.directory.applications.values()].map(({ resource }) => resource.displayName), []);
		assert.equal(it.azure.deletedVaults.size, 1);
		assert.match(output, /az keyvault purge --name graph-mcp-\w+ --location westeurope\n/);
		assert.match(output, /az apim deletedservice purge --service-name graph-mcp-\w+ --location westeurope\n/);
		assert.match(output, /the workspace with its logs for 14 days, and Entra the registrations for 30/);
		const again = await it.run('undeploy.mjs', { YES: '1' });
		assert.deepEqual([again.status, again.writes], [0, []]);
		assert.doesNotMatch(again.output, /purge/);
	});

	test('would come back, says --what-if', async () => {
		const { output, writes } = await it.deploy({}, '--what-if');
		assert.match(output, /would restore Key Vault[^]*would restore API Management \S+\n  what it still holds is seen only once it is back/);
		assert.deepEqual(writes, []);
	});

	test('comes back: the vault with its secrets, the gateway with its own identity', async () => {
		const again = await it.deploy();
		assert.equal(again.status, 0, again.output + again.errors);
		assert.match(again.output, /restore Key Vault[^]*restore API Management/);
		assert.equal(it.azure.deletedVaults.size, 0);
		assert.deepEqual((await it.deploy()).writes, []);
	});

	test('what Azure put beside it itself keeps the group from nothing, nor does a list that lags behind', async () => {
		const { name } = it.azure.resources.below(it.G).find(({ type }) => type === 'microsoft.insights/components');
		for (const [type, title] of [['microsoft.alertsmanagement/smartDetectorAlertRules', `Failure Anomalies - ${name}`], ['microsoft.insights/actiongroups', 'Application Insights Smart Detection'],
			['Microsoft.Network/networkInterfaces', `${name}.nic.1`]]) {
			const id = `${it.G}/providers/${type}/${title}`;
			it.azure.resources.put(id, { id, name: title, type, location: 'global', tags: {} });
		}
		const workspace = it.azure.resources.below(it.G).find(({ type }) => type === 'Microsoft.OperationalInsights/workspaces');
		const forget = it.azure.resources.delete.bind(it.azure.resources);
		it.azure.resources.delete = (id) => {
			if (id.toLowerCase() === workspace.id.toLowerCase()) it.azure.resources.put(`${it.G}/listed`, workspace);
			return forget(id);
		};
		const told = await it.run('undeploy.mjs');
		assert.match(told.output, /would delete resource group rg-test/);
		const { status, errors } = await it.run('undeploy.mjs', { YES: '1' });
		assert.equal(status, 0, errors);
		assert.equal(it.azure.resources.get(it.G), undefined);
	});
});

test('what others put beside it stays, and so does the group then', async (t) => {
	const it = await deployed(t);
	const other = `${it.G}/providers/Microsoft.Storage/storageAccounts/ofothers`;
	const answer = await askAs(it.azure, asUser(it.azure), 'PUT', `${other}?api-version=2023-05-01`, { body: { location: 'westeurope', kind: 'StorageV2', sku: { name: 'Standard_LRS' } } });
	assert.ok(answer.status < 300);
	it.azure.resources.put(other, { id: other, name: 'ofothers', type: 'Microsoft.Storage/storageAccounts', location: 'westeurope', tags: {} });
	const vault = it.azure.resources.below(it.G).find(({ type }) => type === 'Microsoft.KeyVault/vaults');
	vault.tags = {};
	it.azure.resources.get(other).tags = { 'made-by': 'graph-mcp' }; /* as a policy hands on those of the group */
	const { status, output, errors } = await it.run('undeploy.mjs', { YES: '1' });
	assert.equal(status, 0, errors);
	assert.match(output, /Left: Key Vault \S+ does not carry the tag/);
	assert.match(output, /Left: resource group rg-test stays/);
	assert.deepEqual(idsBelow(it).filter((id) => !/roleAssignments/.test(id)).sort(), [vault.id, other].sort());
});

test('a group that was there before stays', async (t) => {
	const it = await desk(t, { registered: undefined });
	const G = `/subscriptions/${it.azure.subscriptionId}/resourceGroups/rg-test`;
	await askAs(it.azure, asUser(it.azure), 'PUT', `${G}?api-version=2021-04-01`, { body: { location: 'eastus' } });
	assert.equal((await it.deploy()).status, 0);
	assert.equal((await it.run('undeploy.mjs', { YES: '1' })).status, 0);
	assert.equal(it.azure.resources.get(G).location, 'eastus');
});
