/*
 * Microsoft.KeyVault as Azure Resource Manager has it: vaults, and those that were deleted and hold their name until they are
 * recovered or purged.
 */
import { versioned } from './arm.mjs';
import { reading } from './azure.mjs';
import { mustFit, refuse } from './refusal.mjs';

const VERSIONS = ['2023-07-01', '2024-11-01', '2025-05-01', '2026-02-01'];
const TYPE = 'Microsoft.KeyVault/vaults';
const GROUP = '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults';
const DELETED = '/subscriptions/{subscription}/providers/Microsoft.KeyVault';
const RETENTION_DAYS = 90;
const DOMAINS = { 'management.azure.com': 'vault.azure.net', 'management.usgovcloudapi.net': 'vault.usgovcloudapi.net', 'management.chinacloudapi.cn': 'vault.azure.cn' };
const SHAPE = { 'location!': 'string', tags: 'map', 'properties!': { 'tenantId!': 'string', 'sku!': { 'family!': ['A'], 'name!': ['standard', 'premium'] },
	accessPolicies: { list: 'any' }, 'vaultUri~': 'string', enabledForDeployment: 'boolean', enabledForDiskEncryption: 'boolean', enabledForTemplateDeployment: 'boolean',
	enableSoftDelete: 'boolean', softDeleteRetentionInDays: 'integer', enableRbacAuthorization: 'boolean', createMode: ['default', 'recover'], enablePurgeProtection: 'boolean',
	networkAcls: 'any', 'provisioningState~': 'string', publicNetworkAccess: 'string' } };

const bad = (message) => refuse(400, 'BadRequest', message);

const idOf = ({ params: { subscription, group, vault } }) => `/subscriptions/${subscription}/resourceGroups/${group}/providers/${TYPE}/${vault}`;
const missing = ({ params: { group, vault } }) => refuse(404, 'ResourceNotFound', `The Resource '${TYPE}/${vault}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`);
const bare = ({ secrets, registering, ...shown }) => shown;
const all = (azure) => azure.resources.below('/subscriptions').filter(({ type }) => type === TYPE);

function checkProperties(azure, { tenantId, enableRbacAuthorization, accessPolicies, enablePurgeProtection, softDeleteRetentionInDays: days, enableSoftDelete }) {
	if (tenantId !== azure.tenantId) bad(`The tenant ID in the request '${tenantId}' is not that of the subscription.`);
	if (!enableRbacAuthorization && !accessPolicies) bad('The parameter accessPolicies is not specified.');
	if (enablePurgeProtection === false) bad('The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.');
	if (enableSoftDelete === false) bad('The property "enableSoftDelete" can be set to false only for creating new vault. Enabling the \'soft delete\' functionality is an irreversible action.');
	if (days !== undefined && (days < 7 || days > 90)) bad('The value of the parameter softDeleteRetentionInDays is invalid; it must be 7 to 90.');
}

function checkName(azure, { params: { vault } }) {
	if (!/^(?=.{3,24}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/i.test(vault)) refuse(400, 'VaultNameNotValid', `The vault name '${vault}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens.`);
	if (azure.taken.includes(vault) || all(azure).some(({ name }) => name.toLowerCase() === vault.toLowerCase()))
		refuse(409, 'VaultAlreadyExists', `The vault name '${vault}' is already in use. Vault names are globally unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state.`);
}

function created(azure, question) {
	const { params: { vault }, json, host } = question;
	checkName(azure, question);
	if (azure.deletedVaults.has(vault.toLowerCase()))
		refuse(409, 'ConflictError', `A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.`);
	const { createMode, ...properties } = json.properties;
	return { id: idOf(question), name: vault, type: TYPE, location: json.location, tags: json.tags ?? {}, secrets: new Map(),
		properties: { enableSoftDelete: true, softDeleteRetentionInDays: RETENTION_DAYS, enableRbacAuthorization: false, publicNetworkAccess: 'Enabled', accessPolicies: [], ...properties,
			vaultUri: `https://${vault.toLowerCase()}.${DOMAINS[host]}/` } };
}

function deletedVaults(azure) {
	const shownDeleted = ({ id, name, location, tags, properties }) => ({ id: `/subscriptions/${azure.subscriptionId}/providers/Microsoft.KeyVault/locations/${location}/deletedVaults/${name}`, name,
		type: 'Microsoft.KeyVault/deletedVaults', properties: { vaultId: id, location, tags, purgeProtectionEnabled: properties.enablePurgeProtection ?? false } });

	function deleted({ params: { vault, location } }) {
		const old = azure.deletedVaults.get(vault.toLowerCase());
		return old?.location.toLowerCase() === location.toLowerCase() ? old : refuse(404, 'DeletedVaultNotFound', `The specified deleted vault '${vault}' does not exist.`);
	}

	function purge(question) {
		const old = deleted(question);
		if (old.properties.enablePurgeProtection) refuse(400, 'MethodNotAllowed', `Operation 'DeletedVaultPurge' is not allowed. Vault '${old.name}' has purge protection enabled.`);
		const { subscription, location } = question.params;
		return azure.operations.accept(question, `/subscriptions/${subscription}/providers/Microsoft.KeyVault/locations/${location}/operationResults`,
			() => { azure.deletedVaults.delete(old.name.toLowerCase()); return { status: 200 }; });
	}

	return [
		...azure.operations.located(VERSIONS, `${DELETED}/locations/{location}/operationResults`),
		...versioned(VERSIONS, [
			['GET', `${DELETED}/deletedVaults`, () => ({ body: { value: [...azure.deletedVaults.values()].map(shownDeleted) } })],
			['GET', `${DELETED}/deletedManagedHSMs`, () => ({ body: { value: [] } })],
			['GET', `${DELETED}/locations/{location}/deletedVaults/{vault}`, (question) => ({ body: shownDeleted(deleted(question)) })],
			['POST', `${DELETED}/locations/{location}/deletedVaults/{vault}/purge`, purge],
		]),
	];
}

export function vaults(azure) {
	azure.deletedVaults = new Map();	/* name -> the vault, with its secrets */
	const there = (question) => azure.resources.get(idOf(question)) ?? missing(question);
	azure.resources.whenRemoved.set(TYPE.toLowerCase(), (vault) => { azure.deletedVaults.set(vault.name.toLowerCase(), vault); });

	/* As the name would be refused, but said instead; deleted ones hold theirs. */
	const checkNameAvailability = reading(({ json }) => {
		mustFit(json, { 'name!': 'string', 'type!': ['Microsoft.KeyVault/vaults'] });
		try {
			checkName(azure, { params: { vault: json.name } });
			if (azure.deletedVaults.has(json.name.toLowerCase())) refuse(409, 'VaultAlreadyExists', `The vault name '${json.name}' is held by a deleted vault.`);
			return { body: { nameAvailable: true } };
		} catch ({ status, message }) {
			return { body: { nameAvailable: false, reason: status === 409 ? 'AlreadyExists' : 'AccountNameInvalid', message } };
		}
	});

	function recovered(question) {
		const { params: { vault }, json } = question;
		const old = azure.deletedVaults.get(vault.toLowerCase());
		if (!old || old.id.toLowerCase() !== idOf(question).toLowerCase() || old.location.toLowerCase() !== json.location.toLowerCase()) refuse(404, 'DeletedVaultNotFound', `The specified deleted vault '${vault}' does not exist.`);
		azure.deletedVaults.delete(vault.toLowerCase());
		return old;
	}

	/* A new vault's name is spread in the DNS first. */
	function put(question) {
		const { json } = question;
		mustFit(json, SHAPE);
		const recover = json.properties.createMode === 'recover';
		if (!recover) checkProperties(azure, json.properties);
		const now = azure.resources.get(idOf(question));
		if (now) {
			const { createMode, ...properties } = json.properties;
			if (now.properties.enablePurgeProtection && properties.enablePurgeProtection === undefined) properties.enablePurgeProtection = true;
			Object.assign(now, { tags: json.tags ?? {}, properties: { ...now.properties, ...properties } });
			return { body: bare(now) };
		}
		const made = recover ? recovered(question) : created(azure, question);
		made.registering = azure.slowStates;
		made.properties.provisioningState = made.registering ? 'RegisteringDns' : 'Succeeded';
		azure.resources.put(made.id, made);
		return { status: recover ? 200 : 201, body: bare(made) };
	}

	function get(question) {
		const now = there(question);
		if (now.registering-- <= 0) now.properties.provisioningState = 'Succeeded';
		return { body: bare(now) };
	}

	function remove(question) {
		if (!azure.resources.get(idOf(question))) return { status: 204 };
		azure.resources.remove(idOf(question));
		return { status: 200 };
	}

	return [
		...deletedVaults(azure),
		...versioned(VERSIONS, [
			['GET', `${DELETED}/vaults`, () => ({ body: { value: all(azure).map(bare) } })],
			['GET', GROUP, (question) => ({ body: { value: all(azure).filter(({ id }) => id.toLowerCase().startsWith(idOf(question).replace(/[^/]*$/, '').toLowerCase())).map(bare) } })],
			['GET', `${GROUP}/{vault}`, get],
			['PUT', `${GROUP}/{vault}`, put],
			['DELETE', `${GROUP}/{vault}`, remove],
			['POST', `${DELETED}/checkNameAvailability`, checkNameAvailability],
		]),
	];
}
