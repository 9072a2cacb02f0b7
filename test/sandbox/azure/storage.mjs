/*
 * Microsoft.Storage: accounts, their keys and their blob containers, as Azure Resource Manager has them.
 */
import { randomBytes } from 'node:crypto';
import { versioned } from './arm.mjs';
import { reading } from './azure.mjs';
import { mustFit, refuse } from './refusal.mjs';

const VERSIONS = ['2023-05-01', '2024-01-01', '2025-01-01', '2025-06-01', '2025-08-01'];
const GROUP = '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Storage';
const ACCOUNT = `${GROUP}/storageAccounts/{account}`;
const CONTAINER = `${ACCOUNT}/blobServices/default/containers`;
const OPERATIONS = '/subscriptions/{subscription}/providers/Microsoft.Storage/locations/{location}/asyncoperations';
const CLOUDS = { 'management.azure.com': 'core.windows.net', 'management.usgovcloudapi.net': 'core.usgovcloudapi.net', 'management.chinacloudapi.cn': 'core.chinacloudapi.cn' };

const SETTINGS = { accessTier: ['Hot', 'Cool', 'Cold', 'Premium'], allowBlobPublicAccess: 'boolean', allowSharedKeyAccess: 'boolean', allowCrossTenantReplication: 'boolean',
	defaultToOAuthAuthentication: 'boolean', minimumTlsVersion: ['TLS1_0', 'TLS1_1', 'TLS1_2', 'TLS1_3'], supportsHttpsTrafficOnly: 'boolean', publicNetworkAccess: ['Enabled', 'Disabled', 'SecuredByPerimeter'],
	isHnsEnabled: 'boolean', isSftpEnabled: 'boolean', isLocalUserEnabled: 'boolean', isNfsV3Enabled: 'boolean', largeFileSharesState: ['Enabled', 'Disabled'], allowedCopyScope: ['AAD', 'PrivateLink'],
	encryption: 'any', networkAcls: 'any', dnsEndpointType: ['Standard', 'AzureDnsZone'] };
const SKU = { 'name!': ['Standard_LRS', 'Standard_GRS', 'Standard_RAGRS', 'Standard_ZRS', 'Standard_GZRS', 'Premium_LRS', 'Premium_ZRS'], 'tier~': 'string' };
const KIND = ['Storage', 'StorageV2', 'BlobStorage', 'FileStorage', 'BlockBlobStorage'];
const SHAPE = { 'location!': 'string', 'sku!': SKU, 'kind!': KIND, tags: 'map', identity: 'any', properties: SETTINGS };
const PATCH_SHAPE = { sku: SKU, kind: KIND, tags: 'map', identity: 'any', properties: SETTINGS };
const PUBLIC = ['None', 'Blob', 'Container'];

const idOf = ({ params: { subscription, group, account } }) => `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Storage/storageAccounts/${account}`;
const missing = ({ params: { group, account } }) => refuse(404, 'ResourceNotFound', `The Resource 'Microsoft.Storage/storageAccounts/${account}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`);
const bare = ({ keys, ...shown }) => shown; /* the keys are asked for by themselves */

/* Why a name cannot be had: {status, code, message}. */
function wrongName(azure, account) {
	if (!/^[a-z0-9]{3,24}$/.test(account))
		return { status: 400, code: 'AccountNameInvalid', message: `${account} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.` };
	const elsewhere = azure.resources.below('/subscriptions').some(({ type, name }) => type === 'Microsoft.Storage/storageAccounts' && name === account);
	return elsewhere || azure.taken.includes(account) ? { status: 409, code: 'StorageAccountAlreadyTaken', message: `The storage account named ${account} is already taken.` } : undefined;
}

/* Unset means that keys are taken. */
function checkPolicy(azure, { params: { account } }, { allowSharedKeyAccess = true }) {
	if (azure.forbidSharedKeys && allowSharedKeyAccess)
		refuse(403, 'RequestDisallowedByPolicy', `Resource '${account}' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"Storage accounts should prevent shared key access"}}]'.`);
}

function made(question) {
	const { params: { account }, json, host } = question;
	const endpoint = (kind) => `https://${account}.${kind}.${CLOUDS[host]}/`;
	return { id: idOf(question), name: account, type: 'Microsoft.Storage/storageAccounts', location: json.location, kind: json.kind, tags: json.tags ?? {},
		sku: { name: json.sku.name, tier: json.sku.name.split('_')[0] }, keys: [1, 2].map((n) => ({ keyName: `key${n}`, permissions: 'FULL', value: `SECRET-${randomBytes(61).toString('base64')}` })),
		properties: { allowBlobPublicAccess: false, supportsHttpsTrafficOnly: true, minimumTlsVersion: 'TLS1_0', accessTier: 'Hot', publicNetworkAccess: 'Enabled',
			networkAcls: { bypass: 'AzureServices', virtualNetworkRules: [], ipRules: [], defaultAction: 'Allow' }, ...json.properties,
			provisioningState: 'Succeeded', primaryLocation: json.location, statusOfPrimary: 'available', creationTime: new Date().toISOString(),
			primaryEndpoints: Object.fromEntries(['blob', 'queue', 'table', 'file', 'web', 'dfs'].map((kind) => [kind, endpoint(kind)])) } };
}

function containers(azure) {
	const containerId = (question) => `${idOf(question)}/blobServices/default/containers/${question.params.container}`;
	const noContainer = ({ params }) => refuse(404, 'ContainerNotFound', `The specified container does not exist: ${params.container}.`);

	function putContainer(question) {
		const { json, params: { container } } = question;
		mustFit(json, { properties: { publicAccess: PUBLIC, metadata: 'map', defaultEncryptionScope: 'string', denyEncryptionScopeOverride: 'boolean' } });
		if (!/^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/.test(container)) refuse(400, 'ContainerOperationFailure', 'The specified resource name contains invalid characters.');
		const id = containerId(question);
		const now = azure.resources.get(id);
		const body = azure.resources.put(id, { id, name: container, type: 'Microsoft.Storage/storageAccounts/blobServices/containers', etag: '"0x1"',
			properties: { publicAccess: 'None', leaseState: 'Available', ...now?.properties, ...json.properties } });
		return { status: now ? 200 : 201, body };
	}

	return versioned(VERSIONS, [
		['GET', `${CONTAINER}/{container}`, (question) => ({ body: azure.resources.get(containerId(question)) ?? noContainer(question) })],
		['GET', CONTAINER, (question) => ({ body: { value: azure.resources.below(`${idOf(question)}/blobServices/default/containers`) } })],
		['PUT', `${CONTAINER}/{container}`, putContainer],
	]);
}

export function storage(azure) {
	const there = (question) => azure.resources.get(idOf(question)) ?? missing(question);

	function checkName({ params: { account } }) {
		const wrong = wrongName(azure, account);
		if (wrong) refuse(wrong.status, wrong.code, wrong.message);
	}

	const checkNameAvailability = reading(({ json }) => {
		mustFit(json, { 'name!': 'string', 'type!': ['Microsoft.Storage/storageAccounts'] });
		const wrong = wrongName(azure, json.name);
		return { body: wrong ? { nameAvailable: false, reason: wrong.status === 409 ? 'AlreadyExists' : 'AccountNameInvalid', message: wrong.message } : { nameAvailable: true } };
	});

	function put(question) {
		const { json, params } = question;
		mustFit(json, SHAPE);
		checkPolicy(azure, question, json.properties ?? {});
		if (azure.resources.get(idOf(question))) return patch(question);
		checkName(question);
		const account = made(question);
		return azure.operations.accept(question, `/subscriptions/${params.subscription}/providers/Microsoft.Storage/locations/${json.location}/asyncoperations`,
			() => ({ body: bare(azure.resources.put(account.id, account)) }));
	}

	function patch(question) {
		const { json } = question;
		const now = there(question);
		if (question.method === 'PATCH') mustFit(json, PATCH_SHAPE);
		else if (json.location.toLowerCase() !== now.location.toLowerCase())
			refuse(409, 'InvalidResourceLocation', `The resource '${now.name}' already exists in location '${now.location}' in resource group '${question.params.group}'. A resource with the same name cannot be created in location '${json.location}'. Please select a new resource name.`);
		checkPolicy(azure, question, { ...now.properties, ...json.properties });
		Object.assign(now, { tags: json.tags ?? now.tags, properties: { ...now.properties, ...json.properties } });
		return { body: bare(now) };
	}

	function remove(question) {
		const id = idOf(question);
		if (!azure.resources.get(id)) return { status: 204 };
		azure.resources.remove(id);
		return { status: 200 };
	}

	const listKeys = reading((question) => {
		const { name, properties, keys } = there(question);
		if (properties.allowSharedKeyAccess === false) refuse(403, 'KeyBasedAuthenticationNotPermitted', `Key based authentication is not permitted on this storage account. Account: ${name}.`);
		return { body: { keys } };
	});

	return [
		...azure.operations.located(VERSIONS, OPERATIONS),
		...containers(azure),
		...versioned(VERSIONS, [
			['GET', '/subscriptions/{subscription}/providers/Microsoft.Storage/storageAccounts', () => ({ body: { value: azure.resources.below('/subscriptions').filter(({ type }) => type === 'Microsoft.Storage/storageAccounts').map(bare) } })],
			['POST', '/subscriptions/{subscription}/providers/Microsoft.Storage/checkNameAvailability', checkNameAvailability],
			['GET', `${GROUP}/storageAccounts`, (question) => ({ body: { value: azure.resources.below(idOf(question).replace(/\/[^/]*$/, '')).filter(({ type }) => type === 'Microsoft.Storage/storageAccounts').map(bare) } })],
			['GET', ACCOUNT, (question) => ({ body: bare(there(question)) })],
			['PUT', ACCOUNT, put],
			['PATCH', ACCOUNT, patch],
			['DELETE', ACCOUNT, remove],
			['POST', `${ACCOUNT}/listKeys`, listKeys],
		]),
	];
}
