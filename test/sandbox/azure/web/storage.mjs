/*
 * What a function app may reach in its storage accounts: by its identity and the roles of that, or by a key where the
 * account takes keys.
 */
import { ofType } from '../tracked.mjs';

const HOST_ROLES = ['Storage Blob Data Owner'];
const FORBIDDEN = 'This request is not authorized to perform this operation using this permission.';
const NO_KEYS = 'Key based authentication is not permitted on this storage account.';
const NO_CONTAINER = 'The specified container does not exist.';

const accountNamed = (azure, name) => ofType(azure, 'Microsoft.Storage/storageAccounts').find((one) => one.name === name);
const keysRefused = (account) => account.properties?.allowSharedKeyAccess === false;

/* {account, container} of an address such as https://name.blob.core.windows.net/packages; undefined: not one of those. */
export function containerAt(azure, address) {
	const [, name, container] = /^https:\/\/([a-z0-9]+)\.blob\.core\.[a-z.]+\/([a-z0-9-]+)\/?$/.exec(address) ?? [];
	const account = name && accountNamed(azure, name);
	const found = account && azure.resources.get(`${account.id}/blobServices/default/containers/${container}`);
	return found && { account, container: found };
}

function refusedIdentity(site, may) {
	const principal = site.resource.identity?.principalId;
	return principal && may(principal) ? undefined : { status: 403, message: FORBIDDEN };
}

function refusedKey(azure, text) {
	const account = accountNamed(azure, /AccountName=([^;]+)/.exec(text ?? '')?.[1]);
	if (!account || !/AccountKey=[^;]+/.test(text)) return { status: 404, message: 'The connection string names no storage account that is there.' };
	return keysRefused(account) ? { status: 403, message: NO_KEYS } : undefined;
}

/* Why the app may not write its package: {status, message}, or nothing. */
export function refusedPackage(azure, site) {
	const { storage } = site.resource.properties.functionAppConfig.deployment;
	const there = containerAt(azure, storage.value);
	if (!there) return { status: 404, message: NO_CONTAINER };
	const { type, storageAccountConnectionStringName: setting } = storage.authentication;
	if (type === 'StorageAccountConnectionString') return refusedKey(azure, site.settings[setting]);
	return refusedIdentity(site, (principal) => azure.mayReadBlobs(principal, there.account, there.container.name));
}

/* The account of the host's own settings; of a name alone the host makes an address of the public cloud. */
function hostAccount(azure, { resource, settings }) {
	const name = resource.properties.defaultHostName.endsWith('.azurewebsites.net') ? settings.AzureWebJobsStorage__accountName : undefined;
	const [, named] = /^https:\/\/([a-z0-9]+)\.blob\.core\.[a-z.]+\/?$/.exec(settings.AzureWebJobsStorage__blobServiceUri ?? '') ?? [];
	return accountNamed(azure, named ?? name ?? '');
}

/* Why the Functions host of the app may not use its own storage (locks, keys): {status, message}, or nothing. */
export function refusedHost(azure, site) {
	const { AzureWebJobsStorage: connection } = site.settings;
	if (connection) return refusedKey(azure, connection);
	const account = hostAccount(azure, site);
	return account ? refusedIdentity(site, (principal) => azure.may(principal, HOST_ROLES, account.id)) : { status: 404,
		message: 'AzureWebJobsStorage names no storage account that is there.' };
}

/* What a signed address leads to; undefined: nothing, or an account that takes no keys. */
export function blobAt(azure, address) {
	const [, name] = /^https:\/\/([a-z0-9]+)\.blob\.core\.[a-z.]+\/[^?]+\?.*\bsig=/.exec(address) ?? [];
	const account = name && accountNamed(azure, name);
	return account && !keysRefused(account) ? azure.blobs.get(address.split('?')[0]) : undefined;
}
