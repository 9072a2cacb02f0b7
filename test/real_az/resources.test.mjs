/*
 * The real Azure CLI makes, lists and removes what the played Azure has: its own models and pollers read the answers.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desk } from '../integration/stage/azure_desk.mjs';
import { hasRealAz } from '../sandbox/azure/az/az.mjs';

const options = { skip: hasRealAz() ? false : 'the real az is not installed (make azure-cli)' };
const OFFICER = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7';

/* az that must not fail, for a subscription with a group. */
async function working(t, more) {
	const it = await desk(t, { az: 'real', login: 'secret', slowRoles: 0, ...more });
	const az = async (line, ...args) => {
		const { status, output, errors } = await it.az(...line.split(' '), ...args, '--output', 'json', '--only-show-errors');
		assert.equal(status, 0, `az ${line}: ${errors}`);
		return output.trim() ? JSON.parse(output) : undefined;
	};
	await az('group create --name rg --location westeurope --tags made-by=test');
	return { ...it, az, bare: it.az };
}

test('a storage account: its namespace registered, made, listed, with keys', options, async (t) => {
	const { az } = await working(t);
	await az('provider register --namespace Microsoft.Storage --wait');
	const made = await az('storage account create --resource-group rg --name account1 --location westeurope --sku Standard_LRS --allow-blob-public-access false --min-tls-version TLS1_2 --allow-shared-key-access true --tags made-by=test');
	assert.deepEqual([made.provisioningState, made.minimumTlsVersion, made.allowSharedKeyAccess, made.tags, made.primaryEndpoints.blob],
		['Succeeded', 'TLS1_2', true, { 'made-by': 'test' }, 'https://account1.blob.core.windows.net/']);
	assert.deepEqual(await az('storage account list --query [].name'), ['account1']);
	assert.equal((await az('storage account keys list --resource-group rg --account-name account1'))[0].keyName, 'key1');
	assert.deepEqual(await az('resource list --resource-group rg --query [].name'), ['account1']);
});

test('a policy that forbids shared keys stops it, with Azure\'s words', options, async (t) => {
	const { bare } = await working(t, { registered: ['Microsoft.Storage'], forbidSharedKeys: true });
	const { status, errors } = await bare('storage', 'account', 'create', '--resource-group', 'rg', '--name', 'account1');
	assert.equal(status, 1);
	assert.match(errors, /RequestDisallowedByPolicy/);
});

test('a vault: made, opened by a role, deleted with its group, recovered with its secret', options, async (t) => {
	const { az, azure } = await working(t, { registered: ['Microsoft.KeyVault'] });
	const vault = await az('keyvault create --resource-group rg --name vault-1 --location westeurope --enable-rbac-authorization true');
	assert.equal(vault.properties.vaultUri, 'https://vault-1.vault.azure.net/');
	await az(`role assignment create --assignee-object-id ${azure.client.oid} --assignee-principal-type ServicePrincipal --role ${OFFICER} --scope ${vault.id}`);
	const assigned = await az(`role assignment list --scope ${vault.id} --fill-principal-name false --query [].roleDefinitionName`);
	assert.deepEqual(assigned, ['Key Vault Secrets Officer']);
	await az('keyvault secret set --vault-name vault-1 --name a --value SECRET-kept');
	assert.deepEqual(await az('keyvault secret list --vault-name vault-1 --query [].name'), ['a']);
	await az('group delete --name rg --yes');
	assert.deepEqual(await az('keyvault list-deleted --resource-type vault --query [].name'), ['vault-1']);
	await az('group create --name rg --location westeurope');
	await az('keyvault recover --name vault-1');
	await az(`role assignment create --assignee-object-id ${azure.client.oid} --assignee-principal-type ServicePrincipal --role ${OFFICER} --scope ${vault.id}`);
	assert.equal((await az('keyvault secret show --vault-name vault-1 --name a')).value, 'SECRET-kept');
});
