/*
 * Who reaches the function app: everybody who has its key (open), only the gateway's addresses (gateway), or only the gateway,
 * through a private endpoint (private).  The place where packages arrive stays reachable; it wants a right of its own.
 */
import { WEB_VERSION } from './functions.mjs';
import { Stop } from './run.mjs';
import { differences } from './same.mjs';

const NETWORK_VERSION = '2024-05-01';
const ZONES_VERSION = '2020-06-01';
const OURS = /^only-gateway/;

const anyway = (rule) => rule.ipAddress === 'Any' || OURS.test(rule.name ?? '');
/* As Azure tells them again. */
const inOrder = (rules) => rules.toSorted((a, b) => a.priority - b.priority);
const rule = (address, i) => ({ ipAddress: address.includes('/') ? address : `${address}/32`, action: 'Allow', priority: 100 + i, name: `only-gateway-${i + 1}`, description: 'API Management' });

/* What the app's configuration is to say; undefined: whatever it says. */
function wanted({ options, known }, current) {
	const others = (current.ipSecurityRestrictions ?? []).filter((one) => !anyway(one));
	if (options.NETWORK === 'gateway')
		return { ipSecurityRestrictions: inOrder([...known.gatewayAddresses.map(rule), ...others]), ipSecurityRestrictionsDefaultAction: 'Deny', scmIpSecurityRestrictionsUseMain: false };
	if (options.NETWORK === 'private')
		return { ipSecurityRestrictions: inOrder(others), ipSecurityRestrictionsDefaultAction: 'Deny', scmIpSecurityRestrictionsUseMain: false };
	return current.ipSecurityRestrictionsDefaultAction === 'Deny' && !others.length
		? { ipSecurityRestrictions: [], ipSecurityRestrictionsDefaultAction: 'Allow' } : undefined;
}

export async function restrict(it) {
	const { run, arm, options, known } = it;
	run.say(`Who reaches the function app: ${{ open: 'who has its key', gateway: 'the gateway\'s addresses', private: 'the gateway, by a private endpoint' }[options.NETWORK]}`);
	if (options.NETWORK === 'open') run.skip('The function app can be reached by anybody, but answers only who has its key (NETWORK=gateway or private shuts it).');
	const config = { label: 'access restrictions of the function app', path: `${known.siteId}/config/web`, version: WEB_VERSION };
	const there = await arm.get(config);
	if (options.NETWORK === 'gateway' && !known.gatewayAddresses.length && there) throw new Stop(`${it.names.gateway} names no addresses of its own.`, 'NETWORK=open goes on without.');
	const current = there?.properties ?? {};
	const body = wanted(it, current);
	if (!body) return;
	const compare = () => differences({ ...current, ipSecurityRestrictions: inOrder((current.ipSecurityRestrictions ?? []).filter((one) => one.ipAddress !== 'Any')) }, body);
	await arm.ensure({ ...config, compare, body: { properties: body }, patch: { properties: body } });
}

/* {label, path, version, body} of the network that a private endpoint needs, in order. */
export function networkResources({ names, options, tags, provider, cloud, known }) {
	const at = (kind) => provider(`Microsoft.Network/${kind}/${names.network}`);
	const zone = provider(`Microsoft.Network/privateDnsZones/privatelink.${cloud.sites}`);
	const location = options.LOCATION;
	const vnet = at('virtualNetworks');
	const subnet = (name, prefix, more = {}) => ({ name, properties: { addressPrefix: prefix, ...more } });
	const delegation = { name: 'gateway', properties: { serviceName: 'Microsoft.Web/serverFarms' } };
	const guard = at('networkSecurityGroups');
	return [
		{ label: `network security group ${names.network}`, path: guard, version: NETWORK_VERSION, body: { location, tags, properties: {} }, compare: {} },
		{ label: `virtual network ${names.network}`, path: vnet, version: NETWORK_VERSION, compare: {}, body: { location, tags, properties: {
			addressSpace: { addressPrefixes: ['10.71.0.0/24'] }, subnets: [subnet('endpoints', '10.71.0.0/27'),
				subnet('gateway', '10.71.0.32/27', { delegations: [delegation], networkSecurityGroup: { id: guard } })] } } },
		{ label: `private DNS zone privatelink.${cloud.sites}`, path: zone, version: ZONES_VERSION, body: { location: 'global', tags, properties: {} }, compare: {} },
		{ label: 'link of the zone to the network', path: `${zone}/virtualNetworkLinks/${names.network}`, version: ZONES_VERSION,
			body: { location: 'global', tags, properties: { registrationEnabled: false, virtualNetwork: { id: vnet } } }, compare: {} },
		{ label: 'private endpoint of the function app', path: at('privateEndpoints'), version: NETWORK_VERSION, compare: {}, body: { location, tags, properties: {
			subnet: { id: `${vnet}/subnets/endpoints` }, privateLinkServiceConnections: [{ name: 'functions', properties: { privateLinkServiceId: known.siteId, groupIds: ['sites'] } }] } } },
		{ label: 'addresses of the private endpoint', path: `${at('privateEndpoints')}/privateDnsZoneGroups/default`, version: NETWORK_VERSION,
			body: { properties: { privateDnsZoneConfigs: [{ name: 'sites', properties: { privateDnsZoneId: zone } }] } } },
	];
}

/* The network, before the gateway, which is put into it. */
export async function network(it) {
	const { run, arm, options, names, provider, known } = it;
	if (options.NETWORK !== 'private') return;
	run.say(`Virtual network ${names.network}`);
	known.gatewaySubnet = `${provider(`Microsoft.Network/virtualNetworks/${names.network}`)}/subnets/gateway`;
	for (const resource of networkResources(it)) await arm.ensure(resource);
}
