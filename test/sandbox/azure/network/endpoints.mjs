/*
 * Microsoft.Network/privateEndpoints to function apps, and the zone groups that write their names into private zones.
 */
import { mustFit, refuse } from '../refusal.mjs';
import { regionKey } from '../regions.mjs';
import { IN_GROUP, idIn, mustExist, ofType } from '../tracked.mjs';
import { ENVELOPE, got, making, mustBeIdle } from './made.mjs';

const TYPE = 'Microsoft.Network/privateEndpoints';
const GROUP = `${TYPE}/privateDnsZoneGroups`;
const RECORD = 'Microsoft.Network/privateDnsZones/A';
const ADDRESS = '10.0.1.4';
const CONNECTION = { ...ENVELOPE, 'name!': 'string', 'properties!': { 'privateLinkServiceId!': 'string', 'groupIds!': { list: 'string' }, requestMessage: 'string',
	'privateLinkServiceConnectionState~': 'any', 'provisioningState~': 'any' } };
const SHAPE = { ...ENVELOPE, 'location!': 'string', tags: 'map', extendedLocation: 'any', 'properties!': { 'subnet!': { 'id!': 'string', properties: 'any', name: 'string' },
	'privateLinkServiceConnections!': { list: CONNECTION }, customNetworkInterfaceName: 'string', ipVersionType: ['IPv4', 'IPv6', 'DualStack'],
		ipConfigurations: 'any', applicationSecurityGroups: 'any', manualPrivateLinkServiceConnections: 'any',
	...Object.fromEntries(['networkInterfaces', 'customDnsConfigs', 'provisioningState'].map((name) => [`${name}~`, 'any'])) } };
const GROUP_SHAPE = { ...ENVELOPE, name: 'string', 'properties!': { 'privateDnsZoneConfigs!': { list: { 'name!': 'string',
	'properties!': { 'privateDnsZoneId!': 'string', 'recordSets~': 'any' } } }, 'provisioningState~': 'any' } };

/* Which names a zone of apps has: SITE and SITE.scm. */
const NAMES = (site) => [site.name, `${site.name}.scm`];

export function endpoints(azure) {
	function checkTarget({ properties: { privateLinkServiceId, groupIds } }) {
		const site = azure.resources.get(privateLinkServiceId) ?? refuse(400, 'InvalidResourceReference',
			`Resource ${privateLinkServiceId} referenced by the private endpoint was not found.`);
		if (site.properties.sku === 'Dynamic') refuse(400, 'PrivateLinkServiceIdNotSupported', `Private endpoints are not supported for the plan of ${site.name}.`);
		if (groupIds.join() !== 'sites') refuse(400, 'PrivateEndpointInvalidGroupId', `The group ids ${groupIds.join(', ')} are not those of ${site.name}: sites.`);
		return site;
	}

	async function put(question) {
		const { params, json } = question;
		mustFit(json, SHAPE);
		const id = idIn(azure, params, `${TYPE}/${params.name}`);
		await mustBeIdle(azure, id);
		const { subnet, privateLinkServiceConnections } = json.properties;
		const there = azure.resources.get(subnet.id) ?? refuse(400, 'InvalidResourceReference', `Resource ${subnet.id} referenced by resource ${id} was not found.`);
		await mustBeIdle(azure, there.id);
		if (there.properties.delegations.length)
			refuse(400, 'PrivateEndpointCreationNotAllowedAsSubnetIsDelegated', `Private endpoint ${params.name} cannot be created as subnet ${there.name} is delegated.`);
		const approved = privateLinkServiceConnections.map((one) => ({ ...one, id: `${id}/privateLinkServiceConnections/${one.name}`,
			type: `${TYPE}/privateLinkServiceConnections`,
			properties: { ...one.properties, provisioningState: 'Succeeded', privateLinkServiceConnectionState: { status: 'Approved', description: '',
				actionsRequired: 'None' } } }));
		const hosts = approved.map(checkTarget).flatMap(({ properties }) => properties.enabledHostNames);
		return making(azure, question, { id, name: params.name, type: TYPE, location: regionKey(json.location), tags: json.tags ?? {}, properties: { subnet: { id: subnet.id },
			privateLinkServiceConnections: approved, manualPrivateLinkServiceConnections: [], customDnsConfigs: hosts.map((fqdn) => ({ fqdn, ipAddresses: [ADDRESS] })),
			networkInterfaces: [{ id: idIn(azure, params, `Microsoft.Network/networkInterfaces/${params.name}.nic`) }] } }, json.location);
	}

	async function putGroup(question) {
		const { params, json } = question;
		mustFit(json, GROUP_SHAPE);
		const endpoint = mustExist(azure, params, `${TYPE}/${params.name}`);
		await mustBeIdle(azure, endpoint.id);
		const sites = endpoint.properties.privateLinkServiceConnections.map(({ properties }) => azure.resources.get(properties.privateLinkServiceId));
		for (const { properties: { privateDnsZoneId } } of json.properties.privateDnsZoneConfigs) {
			const zone = azure.resources.get(privateDnsZoneId) ?? refuse(400, 'InvalidResourceReference', `Resource ${privateDnsZoneId} was not found.`);
			await mustBeIdle(azure, zone.id);
			for (const name of sites.flatMap(NAMES)) {
				const id = `${zone.id}/A/${name}`;
				azure.resources.put(id, { id, name, type: RECORD, properties: { ttl: 10, aRecords: [{ ipv4Address: ADDRESS }] } });
			}
		}
		return making(azure, question, { id: `${endpoint.id}/privateDnsZoneGroups/${params.zones}`, name: params.zones, type: GROUP,
			properties: { privateDnsZoneConfigs: json.properties.privateDnsZoneConfigs } }, endpoint.location);
	}

	const forget = ({ properties }) => {
		for (const { properties: { privateDnsZoneId } } of properties.privateDnsZoneConfigs)
			for (const { id, type } of azure.resources.below(privateDnsZoneId)) if (type === RECORD) azure.resources.delete(id);
	};
	azure.resources.whenRemoved.set(GROUP.toLowerCase(), forget);

	const removing = (path) => ({ params }) => {
		const id = idIn(azure, params, path(params));
		const there = azure.resources.get(id);
		if (there) azure.resources.remove(id);
		return { status: there ? 200 : 204 };
	};
	const one = ({ name }) => `${TYPE}/${name}`;
	const group = ({ name, zones }) => `${TYPE}/${name}/privateDnsZoneGroups/${zones}`;
	const at = `${IN_GROUP}/${TYPE}/{name}`;
	return [
		['GET', at, ({ params }) => got(azure, mustExist(azure, params, one(params)))], ['PUT', at, put], ['DELETE', at, removing(one)],
		['GET', `${IN_GROUP}/${TYPE}`, ({ params }) => ({ body: { value: ofType(azure, TYPE, params.group) } })],
		['GET', `${at}/privateDnsZoneGroups/{zones}`, ({ params }) => got(azure, mustExist(azure, params, group(params)))],
		['PUT', `${at}/privateDnsZoneGroups/{zones}`, putGroup],
		['DELETE', `${at}/privateDnsZoneGroups/{zones}`, removing(group)],
	];
}
