/*
 * The API Management instance: made, waited for, or brought back where it was deleted.
 */
import { FIXED_ADDRESSES } from './options.mjs';
import { grantIdentity } from './roles.mjs';
import { Stop } from './run.mjs';
import { differences } from './same.mjs';

export const APIM_VERSION = '2024-05-01';

export const serviceResource = ({ names, provider }) => ({ label: `API Management ${names.gateway}`, path: provider(`Microsoft.ApiManagement/service/${names.gateway}`), version: APIM_VERSION });

export const deletedService = ({ names, ids, options }) => ({ label: `deleted API Management ${names.gateway}`,
	path: `${ids.subscription}/providers/Microsoft.ApiManagement/locations/${options.LOCATION}/deletedservices/${names.gateway}`, version: APIM_VERSION, hidden: true });

const purge = ({ names, options }) => `az apim deletedservice purge --service-name ${names.gateway} --location ${options.LOCATION}`;

/* properties.virtualNetwork... of a gateway that reaches into a network. */
const network = ({ options, known }) => (options.NETWORK === 'private'
	? { virtualNetworkType: 'External', virtualNetworkConfiguration: { subnetResourceId: known.gatewaySubnet } } : {});

function serviceOf(it, current) {
	const { options, tags, account } = it;
	const sku = { name: options.APIM_SKU, capacity: current?.sku?.capacity ?? 1 };
	const publisher = { publisherEmail: options.PUBLISHER_EMAIL || account.userName, publisherName: options.PUBLISHER_NAME || options.NAME };
	const hasIdentity = /SystemAssigned/.test(current?.identity?.type ?? '');
	const looked = { sku: { name: sku.name }, ...(!hasIdentity && { identity: { type: 'SystemAssigned' } }), properties: network(it) };
	return { ...serviceResource(it), body: { location: options.LOCATION, sku, tags, identity: { type: 'SystemAssigned' }, properties: { ...publisher, ...network(it) } },
		compare: (there) => differences(there, looked),
		patch: { ...looked, sku } };
}

async function restore(it) {
	const { arm } = it;
	const resource = serviceOf(it);
	try {
		await arm.write({ ...resource, body: { ...resource.body, properties: { ...resource.body.properties, restore: true } } });
	} catch (error) {
		if (error instanceof Stop) error.advice = `It holds its name for 48 hours after its removal. ${purge(it)} frees the name, for good; then run this again.`;
		throw error;
	}
}

/* An instance of a classic tier comes with an API on /echo, which would hide ours. */
async function removeEcho(it, { isNew }) {
	const path = `${serviceResource(it).path}/apis/echo-api`;
	const label = 'Echo API of the new instance';
	if (it.run.whatIf && isNew && FIXED_ADDRESSES.includes(it.options.APIM_SKU)) return it.run.change('delete', label);
	return it.arm.remove({ label, path, version: APIM_VERSION, query: 'deleteRevisions=true', headers: { 'if-match': '*' } });
}

/* All that it may call from: of each region, and of a NAT gateway before it. */
const addressesOf = ({ publicIPAddresses, outboundPublicIPAddresses, additionalLocations }) =>
	[...new Set([publicIPAddresses, outboundPublicIPAddresses, ...(additionalLocations ?? []).flatMap((one) => [one.publicIPAddresses, one.outboundPublicIPAddresses])].flatMap((list) => list ?? []))];

export async function gateway(it) {
	const { run, arm, names, options, known, cloud } = it;
	run.say(`API Management ${names.gateway} (${options.APIM_SKU}; a new one takes some minutes, of the tiers ${FIXED_ADDRESSES.join(', ')} up to 45)`);
	const plain = serviceResource(it);
	let current = await arm.settled(plain);
	const deleted = !current && await arm.get(deletedService(it));
	const isNew = !current && !deleted;
	if (deleted) {
		await run.change('restore', plain.label, () => restore(it));
		if (run.whatIf) {
			arm.toBeMade.push(plain.path);
			run.note('what it still holds is seen only once it is back: all that is to be in it is listed');
		}
		current = await arm.get(plain);
	}
	const service = await arm.ensure(serviceOf(it, current));
	known.serviceId = plain.path;
	known.gatewayIdentity = service?.identity?.principalId;
	known.gatewayAddresses = addressesOf(service?.properties ?? {});
	known.APIM_GATEWAY_URL = options.APIM_GATEWAY_URL || service?.properties.gatewayUrl || `https://${names.gateway}.${cloud.gateways}`;
	await grantIdentity(it, { scope: known.vaultId, principalId: known.gatewayIdentity, role: 'Key Vault Secrets User', who: 'the gateway' });
	await removeEcho(it, { isNew });
}
