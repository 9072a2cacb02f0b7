/*
 * The real Azure CLI makes, reads, deletes and purges an instance of the played API Management, by its own api-version.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desk } from '../integration/stage/azure_desk.mjs';
import { hasRealAz } from '../sandbox/azure/az/az.mjs';

const options = { skip: hasRealAz() ? false : 'the real az is not installed (make azure-cli)' };

test('an instance and what it holds, as the CLI sees them', options, async (t) => {
	const it = await desk(t, { az: 'real', login: 'secret', slowStates: 0, registered: ['Microsoft.ApiManagement'] });
	const az = async (line) => {
		const { status, output, errors } = await it.az(...line.split(' '), '--output', 'json', '--only-show-errors');
		assert.equal(status, 0, `az ${line}: ${errors}`);
		return output.trim() ? JSON.parse(output) : undefined;
	};
	const of = (line) => az(`${line} --resource-group rg --service-name gateway-1`);
	await az('group create --name rg --location westeurope');
	const made = await az('apim create --resource-group rg --name gateway-1 --publisher-email dev@contoso.example --publisher-name Contoso --sku-name Developer --enable-managed-identity');
	assert.deepEqual([made.provisioningState, made.gatewayUrl, made.publicIpAddresses.length], ['Succeeded', 'https://gateway-1.azure-api.net', 1]);
	assert.equal((await az('apim show --resource-group rg --name gateway-1')).identity.principalId, made.identity.principalId);
	assert.deepEqual(await az('apim list --query [].name'), ['gateway-1']);
	assert.deepEqual(await of('apim api list --query [].path'), ['echo']);
	assert.equal((await of('apim api operation list --api-id echo-api')).length, 6);
	await of('apim nv create --named-value-id v --display-name v --value SECRET-v --secret true');
	assert.deepEqual(await of('apim nv list --query [].[name,value]'), [['v', null]]);
	assert.equal((await of('apim nv show-secret --named-value-id v')).value, 'SECRET-v');
	await of('apim backend create --backend-id b --url https://b.example --protocol http');
	assert.deepEqual(await of('apim backend list --query [].url'), ['https://b.example']);
	await of('apim api delete --api-id echo-api --yes');
	await az('apim delete --resource-group rg --name gateway-1 --yes');
	assert.deepEqual(await az('apim deletedservice list --query [].name'), ['gateway-1']);
	await az('apim deletedservice purge --service-name gateway-1 --location westeurope');
	assert.deepEqual(await az('apim deletedservice list'), []);
});
