/*
 * Microsoft.Network/virtualNetworks and their subnets.
 */
import { BlockList, isIP } from 'node:net';
import { mustFit, refuse } from '../refusal.mjs';
import { regionKey } from '../regions.mjs';
import { IN_GROUP, idIn, mustExist, ofType } from '../tracked.mjs';
import { ENVELOPE, REFERENCE, got, making, mustBeIdle } from './made.mjs';

const NETWORK = 'Microsoft.Network/virtualNetworks';
const SUBNET = `${NETWORK}/subnets`;
const SERVICES = ['Microsoft.Web/serverFarms', 'Microsoft.App/environments', 'Microsoft.Web/hostingEnvironments'];
const SWITCH = ['Enabled', 'Disabled'];

const SUBNET_SHAPE = { ...ENVELOPE, name: 'string', properties: { addressPrefix: 'string', addressPrefixes: { list: 'string' },
	delegations: { list: { ...ENVELOPE, 'name!': 'string', properties: { 'serviceName!': SERVICES, 'actions~': 'any', 'provisioningState~': 'any' } } },
	serviceEndpoints: { list: { 'service!': 'string', locations: { list: 'string' }, 'provisioningState~': 'any' } },
		privateEndpointNetworkPolicies: [...SWITCH, 'NetworkSecurityGroupEnabled', 'RouteTableEnabled'],
	privateLinkServiceNetworkPolicies: SWITCH, networkSecurityGroup: REFERENCE, routeTable: REFERENCE, natGateway: REFERENCE,
		defaultOutboundAccess: 'boolean', serviceEndpointPolicies: 'any',
	ipamPoolPrefixAllocations: 'any', sharingScope: 'any', applicationGatewayIPConfigurations: 'any', serviceGateway: REFERENCE, 'provisioningState~': 'string' } };
const NETWORK_SHAPE = { ...ENVELOPE, 'location!': 'string', tags: 'map', extendedLocation: 'any', 'properties!': { 'addressSpace!': { 'addressPrefixes!': { list: 'string' } },
	dhcpOptions: { dnsServers: { list: 'string' } }, subnets: { list: SUBNET_SHAPE }, enableDdosProtection: 'boolean', enableVmProtection: 'boolean',
	flowTimeoutInMinutes: 'integer', ddosProtectionPlan: REFERENCE, encryption: 'any', bgpCommunities: 'any', privateEndpointVNetPolicies: SWITCH,
		virtualNetworkPeerings: 'any',
	'provisioningState~': 'string', 'resourceGuid~': 'string' } };

function blockOf(text) {
	const [, address, bits] = /^([\d.]+)\/(\d+)$/.exec(text) ?? [];
	if (isIP(address) !== 4 || Number(bits) > 32) refuse(400, 'InvalidAddressPrefixFormat', `Address prefix ${text} of the request is not formatted correctly.`);
	const block = new BlockList();
	block.addSubnet(address, Number(bits));
	return { address, bits: Number(bits), has: (one) => block.check(one) };
}
const within = (inner, outer) => inner.bits >= outer.bits && outer.has(inner.address);
const overlap = (a, b) => a.has(b.address) || b.has(a.address);

export function networks(azure) {
	const usersOf = (id) => azure.resources.below(`/subscriptions/${azure.subscriptionId}`).filter(({ properties }) => [properties?.virtualNetworkSubnetId, properties?.subnet?.id,
		properties?.virtualNetworkConfiguration?.subnetResourceId].some((one) => one?.toLowerCase() === id.toLowerCase()));
	const subnetsOf = (id) => azure.resources.below(id).filter(({ type }) => type === SUBNET);
	const shown = (network) => ({ ...network, properties: { ...network.properties, subnets: subnetsOf(network.id) } });
	const mayNotGo = (id) => usersOf(id).length && refuse(400, 'InUseSubnetCannotBeDeleted',
		`Subnet ${id.split('/').at(-1)} is in use by ${usersOf(id)[0].id} and cannot be deleted.`);

	function subnetIn(network, name, { properties = {} }) {
		const prefix = properties.addressPrefix ?? properties.addressPrefixes?.[0] ?? refuse(400, 'InvalidRequestFormat', `The subnet ${name} has no address prefix.`);
		const block = blockOf(prefix);
		if (!network.properties.addressSpace.addressPrefixes.some((one) => within(block, blockOf(one))))
			refuse(400, 'NetcfgSubnetRangeOutsideVnet',
				`Subnet '${name}' is not valid because its IP address range is outside the IP address range of virtual network '${network.name}'.`);
		const other = subnetsOf(network.id).find((one) => one.name.toLowerCase() !== name.toLowerCase() && overlap(block, blockOf(one.properties.addressPrefix)));
		if (other) refuse(400, 'NetcfgSubnetRangesOverlap',
			`Subnet '${name}' is not valid because its IP address range overlaps with that of an existing subnet in virtual network '${network.name}'.`);
		const guard = properties.networkSecurityGroup?.id;
		if (guard && !azure.resources.get(guard)) refuse(400, 'InvalidResourceReference',
			`Resource ${guard} referenced by resource ${network.id}/subnets/${name} was not found.`);
		return { id: `${network.id}/subnets/${name}`, name, type: SUBNET, properties: { delegations: [], privateEndpointNetworkPolicies: 'Disabled',
			privateLinkServiceNetworkPolicies: 'Enabled',
			...properties, addressPrefix: prefix, provisioningState: 'Succeeded' } };
	}

	async function put(question) {
		const { params, json } = question;
		mustFit(json, NETWORK_SHAPE);
		const id = idIn(azure, params, `${NETWORK}/${params.name}`);
		await mustBeIdle(azure, id);
		const network = { id, name: params.name, type: NETWORK, location: regionKey(json.location), tags: json.tags ?? {},
			properties: { addressSpace: json.properties.addressSpace } };
		for (const one of json.properties.addressSpace.addressPrefixes) blockOf(one);
		const given = json.properties.subnets;
		if (given) {
			const names = given.map(({ name }) => name.toLowerCase());
			const gone = subnetsOf(id).filter(({ name }) => !names.includes(name.toLowerCase()));
			for (const one of gone) mayNotGo(one.id);
			for (const one of gone) azure.resources.delete(one.id);
		}
		for (const one of given ?? []) azure.resources.put(`${id}/subnets/${one.name}`, subnetIn(network, one.name, one));
		const answer = await making(azure, question, network, json.location);
		return { ...answer, body: shown(network) };
	}

	async function putSubnet(question) {
		const { params, json } = question;
		mustFit(json, SUBNET_SHAPE);
		const network = mustExist(azure, params, `${NETWORK}/${params.name}`);
		await mustBeIdle(azure, network.id);
		for (const one of subnetsOf(network.id)) await mustBeIdle(azure, one.id);
		return making(azure, question, subnetIn(network, params.subnet, json), network.location);
	}

	function remove({ params }) {
		const id = idIn(azure, params, `${NETWORK}/${params.name}`);
		for (const one of subnetsOf(id)) mayNotGo(one.id);
		const there = azure.resources.get(id);
		if (there) azure.resources.remove(id);
		return { status: there ? 200 : 204 };
	}

	function removeSubnet({ params }) {
		const id = idIn(azure, params, `${NETWORK}/${params.name}/subnets/${params.subnet}`);
		mayNotGo(id);
		return { status: azure.resources.delete(id) ? 200 : 204 };
	}

	async function get({ params }) {
		const network = mustExist(azure, params, `${NETWORK}/${params.name}`);
		await got(azure, network);
		return { body: shown(network) };
	}

	const at = `${IN_GROUP}/${NETWORK}/{name}`;
	return [
		['GET', at, get], ['PUT', at, put], ['DELETE', at, remove],
		['GET', `${IN_GROUP}/${NETWORK}`, ({ params }) => ({ body: { value: ofType(azure, NETWORK, params.group).map(shown) } })],
		['GET', `${at}/subnets/{subnet}`, ({ params }) => got(azure, mustExist(azure, params, `${NETWORK}/${params.name}/subnets/${params.subnet}`))],
		['GET', `${at}/subnets`, ({ params }) => ({ body: { value: subnetsOf(mustExist(azure, params, `${NETWORK}/${params.name}`).id) } })],
		['PUT', `${at}/subnets/{subnet}`, putSubnet],
		['DELETE', `${at}/subnets/{subnet}`, removeSubnet],
	];
}
