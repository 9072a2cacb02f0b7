/*
 * The real Azure CLI registers an application in the played directory, gives it what a deployment gives it, and removes it.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { desk } from '../integration/stage/azure_desk.mjs';
import { hasRealAz } from '../sandbox/azure/az/az.mjs';

const options = { skip: hasRealAz() ? false : 'the real az is not installed (make azure-cli)' };
const GRAPH = '00000003-0000-0000-c000-000000000000';

async function signedIn(t, login) {
	const it = await desk(t, { az: 'real', login, slowDirectory: 0 });
	return { ...it, async az(line) {
		const { status, output, errors } = await it.az(...line.split(' '), '--output', 'json', '--only-show-errors');
		assert.equal(status, 0, `az ${line}: ${errors}`);
		return output.trim() ? JSON.parse(output) : undefined;
	} };
}

test('a registration, its service principal, credentials and consent, as the CLI sees them', options, async (t) => {
	const { az, azure, file } = await signedIn(t, 'user');
	assert.equal(await az('ad signed-in-user show --query id'), azure.userId);
	const id = await az('ad app create --display-name graph-mcp --sign-in-audience AzureADMyOrg --query appId');
	assert.deepEqual(await az('ad app list --display-name graph --query [].appId'), [id]);
	await az(`ad app update --id ${id} --identifier-uris api://${id} --public-client-redirect-uris http://localhost/callback`);
	assert.deepEqual(await az(`ad app show --id api://${id} --query publicClient.redirectUris`), ['http://localhost/callback']);
	await az(`ad sp create --id ${id}`);
	assert.equal(await az(`ad sp show --id api://${id} --query appId`), id);
	await az(`ad app permission grant --id ${id} --api ${GRAPH} --scope User.Read`);
	assert.deepEqual(await az(`ad app permission list-grants --id ${id} --show-resource-name --query [].[resourceDisplayName,scope]`), [['Microsoft Graph', 'User.Read']]);
	assert.match(await az(`ad app credential reset --id ${id} --append --display-name x --query password`), /^SECRET-/);
	writeFileSync(file('federated.json'), JSON.stringify({ name: 'functions', issuer: 'https://login.microsoftonline.com/x/v2.0', subject: 's', audiences: ['api://AzureADTokenExchange'] }));
	await az(`ad app federated-credential create --id ${id} --parameters @${file('federated.json')}`);
	assert.deepEqual(await az(`ad app federated-credential list --id ${id} --query [].name`), ['functions']);
	assert.deepEqual(await az(`ad app owner list --id ${id} --query [].id`), [azure.userId]);
	await az(`ad app delete --id ${id}`);
	assert.deepEqual(await az('ad app list'), []);
});

test('a service principal finds itself', options, async (t) => {
	const { az, azure } = await signedIn(t, 'secret');
	assert.equal(await az(`ad sp show --id ${azure.client.id} --query id`), azure.client.oid);
});
