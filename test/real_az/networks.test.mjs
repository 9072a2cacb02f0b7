/*
 * The real Azure CLI makes, reads and removes workspaces, networks, private endpoints and zones of the played Azure.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withStorage } from '../integration/stage/azure_app.mjs';
import { desk } from '../integration/stage/azure_desk.mjs';
import { hasRealAz } from '../sandbox/azure/az/az.mjs';

const options = { skip: hasRealAz() ? false : 'the real az is not installed (make azure-cli)' };

async function working(t) {
	const it = await desk(t, { az: 'real', login: 'secret', slowRoles: 0, slowStates: 0, registered: undefined });
	const there = await withStorage(t, { azure: it.azure });
	const az = async (line) => {
		const { status, output, errors } = await it.az(...line.split(' '), '--resource-group', 'rg', '--output', 'json', '--only-show-errors');
		assert.equal(status, 0, `az ${line}: ${errors}`);
		return output.trim() ? JSON.parse(output) : undefined;
	};
	return { ...it, ...there, az };
}

test('a workspace is made, listed and removed', options, async (t) => {
	const { az, azure } = await working(t);
	azure.slowStates = 1;
	assert.equal((await az('monitor log-analytics workspace create --workspace-name logs-1 --location westeurope')).provisioningState, 'Succeeded');
	assert.deepEqual(await az('monitor log-analytics workspace list --query [].name'), ['logs-1']);
	await az('monitor log-analytics workspace delete --workspace-name logs-1 --yes');
	assert.deepEqual(await az('monitor log-analytics workspace list'), []);
});

test('a private way to an app is made of a network, an endpoint and a zone', options, async (t) => {
	const { az, azure, app, SITE } = await working(t);
	await app();
	azure.slowStates = 1;
	await az('network vnet create --name net-1 --location westeurope --address-prefixes 10.0.0.0/16 --subnet-name ends --subnet-prefixes 10.0.1.0/24');
	await az('network vnet subnet create --vnet-name net-1 --name apps --address-prefixes 10.0.0.0/24 --delegations Microsoft.App/environments');
	const made = await az(`network private-endpoint create --name end-1 --vnet-name net-1 --subnet ends --private-connection-resource-id ${SITE} --group-id sites --connection-name app --location westeurope`);
	assert.equal(made.privateLinkServiceConnections[0].privateLinkServiceConnectionState.status, 'Approved');
	await az('network private-dns zone create --name privatelink.azurewebsites.net');
	await az('network private-dns link vnet create --zone-name privatelink.azurewebsites.net --name net-1 --virtual-network net-1 --registration-enabled false');
	await az('network private-endpoint dns-zone-group create --endpoint-name end-1 --name default --zone-name sites --private-dns-zone privatelink.azurewebsites.net');
	assert.deepEqual([azure.reaches('app-1', { viaPrivateEndpoint: true }), azure.reaches('app-1', { ip: '192.0.2.1' })], [true, false]);
	await az('network private-endpoint delete --name end-1');
	await az('network vnet delete --name net-1');
	assert.equal(azure.reaches('app-1', { ip: '192.0.2.1' }), true);
});
