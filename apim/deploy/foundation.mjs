/*
 * What the rest stands on: the namespaces of the subscription, the group, the storage account of the function app.
 */
import { Stop } from './run.mjs';

const PROVIDERS = ['Microsoft.Web', 'Microsoft.ApiManagement', 'Microsoft.KeyVault', 'Microsoft.Storage', 'Microsoft.Insights', 'Microsoft.OperationalInsights'];
const FOR_NETWORK = ['Microsoft.Network'];
const PROVIDERS_VERSION = '2022-09-01';
export const GROUP_VERSION = '2021-04-01';
export const STORAGE_VERSION = '2023-05-01';

export const namespacesOf = ({ NETWORK }) => [...PROVIDERS, ...(NETWORK === 'private' ? FOR_NETWORK : [])];
export const providerResource = (ids, namespace) => ({ label: `resource provider ${namespace}`, path: `${ids.subscription}/providers/${namespace}`, version: PROVIDERS_VERSION });
export const isRegistered = async (arm, resource) => (await arm.get(resource))?.registrationState === 'Registered';

export async function providers({ run, arm, ids, options }) {
	run.say('Resource providers of the subscription');
	for (const namespace of namespacesOf(options)) {
		const resource = providerResource(ids, namespace);
		if (await isRegistered(arm, resource)) continue;
		await run.change('register', resource.label, async () => {
			await arm.act({ ...resource, path: `${resource.path}/register` });
			for (let left = options.TRIES; !await isRegistered(arm, resource); left--) {
				if (left <= 1) throw new Stop(`${resource.label} is still not registered.`, 'Run it again in some minutes.');
				await run.wait();
			}
		});
	}
}

export async function group({ run, arm, ids, options, tags }) {
	run.say(`Resource group ${options.RG}`);
	const resource = { label: `resource group ${options.RG}`, path: ids.group, version: GROUP_VERSION };
	/* One that is there may be in another region and serve others: it is used as it is. */
	if (!await arm.get(resource)) await arm.ensure({ ...resource, body: { location: options.LOCATION, tags } });
}

export const storageResource = ({ names, provider }) => ({ label: `storage account ${names.storage}`, path: provider(`Microsoft.Storage/storageAccounts/${names.storage}`), version: STORAGE_VERSION });

/* Without shared keys, which the Consumption plan still needs. */
function accountOf(it) {
	const { options, tags } = it;
	const properties = { allowBlobPublicAccess: false, minimumTlsVersion: 'TLS1_2', supportsHttpsTrafficOnly: true,
		allowSharedKeyAccess: options.FLAVOR !== 'flex' };
	return { ...storageResource(it),
		body: { location: options.LOCATION, kind: 'StorageV2', sku: { name: 'Standard_LRS' }, tags, properties },
		compare: { properties }, patch: { properties } };
}

export async function storage(it) {
	const { run, arm, names, options, known } = it;
	run.say(`Storage account ${names.storage}`);
	const account = accountOf(it);
	known.storageId = account.path;
	await arm.ensure(account);
	if (options.FLAVOR === 'flex')
		await arm.ensure({ label: 'container packages', path: `${account.path}/blobServices/default/containers/packages`, version: STORAGE_VERSION, body: { properties: {} } });
}

/* What an app of the Consumption plan reaches its storage with. */
export async function connectionString({ arm, run, names, known, cloud }) {
	const { keys } = await arm.reading({ label: `keys of ${names.storage}`, path: `${known.storageId}/listKeys`, version: STORAGE_VERSION });
	run.keepSecret(keys[0].value);
	return run.keepSecret(`DefaultEndpointsProtocol=https;AccountName=${names.storage};AccountKey=${keys[0].value};EndpointSuffix=${cloud.storage}`);
}
