/*
 * Microsoft.Network/networkSecurityGroups, which subnets refer to.
 */
import { mustFit, refuse } from '../refusal.mjs';
import { regionKey } from '../regions.mjs';
import { IN_GROUP, idIn, mustExist, ofType } from '../tracked.mjs';
import { ENVELOPE, got, making, mustBeIdle } from './made.mjs';

const TYPE = 'Microsoft.Network/networkSecurityGroups';
const RULE = { ...ENVELOPE, name: 'string', properties: { 'protocol!': ['Tcp', 'Udp', 'Icmp', 'Esp', 'Ah', '*'], 'access!': ['Allow', 'Deny'],
	'direction!': ['Inbound', 'Outbound'], 'priority!': 'integer',
	description: 'string', sourceAddressPrefix: 'string', sourcePortRange: 'string', destinationAddressPrefix: 'string',
		destinationPortRange: 'string', sourceAddressPrefixes: { list: 'string' },
	sourcePortRanges: { list: 'string' }, destinationAddressPrefixes: { list: 'string' }, destinationPortRanges: { list: 'string' }, 'provisioningState~': 'string' } };
const SHAPE = { ...ENVELOPE, 'location!': 'string', tags: 'map', properties: { securityRules: { list: RULE }, flushConnection: 'boolean',
	...Object.fromEntries(['defaultSecurityRules', 'networkInterfaces', 'subnets', 'resourceGuid', 'provisioningState'].map((name) => [`${name}~`, 'any'])) } };

export function guards(azure) {
	const guarded = (id) => ofType(azure, 'Microsoft.Network/virtualNetworks/subnets').filter(({ properties }) => properties.networkSecurityGroup?.id.toLowerCase() === id.toLowerCase());

	async function put(question) {
		const { params, json } = question;
		mustFit(json, SHAPE);
		const id = idIn(azure, params, `${TYPE}/${params.name}`);
		await mustBeIdle(azure, id);
		return making(azure, question, { id, name: params.name, type: TYPE, location: regionKey(json.location), tags: json.tags ?? {},
			properties: { securityRules: [], ...json.properties } }, json.location);
	}

	function remove({ params }) {
		const id = idIn(azure, params, `${TYPE}/${params.name}`);
		const [user] = guarded(id);
		if (user) refuse(400, 'InUseNetworkSecurityGroupCannotBeDeleted',
			`Network security group ${params.name} cannot be deleted because it is in use by the following resources: ${user.id}.`);
		return { status: azure.resources.delete(id) ? 200 : 204 };
	}

	const at = `${IN_GROUP}/${TYPE}/{name}`;
	return [
		['GET', at, ({ params }) => got(azure, mustExist(azure, params, `${TYPE}/${params.name}`))], ['PUT', at, put], ['DELETE', at, remove],
		['GET', `${IN_GROUP}/${TYPE}`, ({ params }) => ({ body: { value: ofType(azure, TYPE, params.group) } })],
	];
}
