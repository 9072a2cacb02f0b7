/*
 * Microsoft.Network/privateDnsZones, the networks that they are linked to and the addresses that they hold.
 */
import { mustFit, refuse } from '../refusal.mjs';
import { IN_GROUP, idIn, mustExist, ofType } from '../tracked.mjs';
import { ENVELOPE, REFERENCE, got, making, mustBeIdle } from './made.mjs';

const ZONE = 'Microsoft.Network/privateDnsZones';
const LINK = `${ZONE}/virtualNetworkLinks`;
const GLOBAL = /^global$/i;
const ZONE_SHAPE = { ...ENVELOPE, 'location!': GLOBAL, tags: 'map', properties: 'any' };
const LINK_SHAPE = { ...ENVELOPE, 'location!': GLOBAL, tags: 'map', 'properties!': { 'virtualNetwork!': REFERENCE, registrationEnabled: 'boolean',
	resolutionPolicy: ['Default', 'NxDomainRedirect'],
	'provisioningState~': 'any', 'virtualNetworkLinkState~': 'any' } };

export function zones(azure) {
	const linksOf = (id) => azure.resources.below(id).filter(({ type }) => type === LINK);

	async function put(question) {
		const { params, json } = question;
		mustFit(json, ZONE_SHAPE);
		const id = idIn(azure, params, `${ZONE}/${params.zone}`);
		await mustBeIdle(azure, id);
		return making(azure, question, { id, name: params.zone, type: ZONE, location: 'global', tags: json.tags ?? {}, properties: { numberOfRecordSets: 1 } }, 'global');
	}

	async function putLink(question) {
		const { params, json } = question;
		mustFit(json, LINK_SHAPE);
		const zone = mustExist(azure, params, `${ZONE}/${params.zone}`);
		await mustBeIdle(azure, zone.id);
		const { virtualNetwork, registrationEnabled = false } = json.properties;
		if (!azure.resources.get(virtualNetwork.id)) refuse(400, 'BadRequest', `The virtual network ${virtualNetwork.id} was not found.`);
		await mustBeIdle(azure, virtualNetwork.id);
		const twin = linksOf(zone.id).find((one) => one.name.toLowerCase() !== params.link.toLowerCase() && one.properties.virtualNetwork.id.toLowerCase() === virtualNetwork.id.toLowerCase());
		if (twin) refuse(409, 'Conflict', `A virtual network cannot be linked to a zone more than once; ${twin.name} links it.`);
		return making(azure, question, { id: `${zone.id}/virtualNetworkLinks/${params.link}`, name: params.link, type: LINK, location: 'global', tags: json.tags ?? {},
			properties: { virtualNetwork, registrationEnabled, virtualNetworkLinkState: 'Completed' } }, 'global');
	}

	function remove({ params }) {
		const id = idIn(azure, params, `${ZONE}/${params.zone}`);
		if (linksOf(id).length) refuse(409, 'CannotDeleteResource',
			`Cannot delete resource while nested resources exist. Some existing nested resource IDs include: '${linksOf(id)[0].id}'.`);
		const there = azure.resources.get(id);
		if (there) azure.resources.remove(id);
		return { status: there ? 200 : 204 };
	}

	const link = ({ zone, link: name }) => `${ZONE}/${zone}/virtualNetworkLinks/${name}`;
	const at = `${IN_GROUP}/${ZONE}/{zone}`;
	return [
		['GET', at, ({ params }) => got(azure, mustExist(azure, params, `${ZONE}/${params.zone}`))], ['PUT', at, put], ['DELETE', at, remove],
		['GET', `${IN_GROUP}/${ZONE}`, ({ params }) => ({ body: { value: ofType(azure, ZONE, params.group) } })],
		['GET', `${at}/virtualNetworkLinks/{link}`, ({ params }) => got(azure, mustExist(azure, params, link(params)))],
		['GET', `${at}/virtualNetworkLinks`, ({ params }) => ({ body: { value: linksOf(mustExist(azure, params, `${ZONE}/${params.zone}`).id) } })],
		['PUT', `${at}/virtualNetworkLinks/{link}`, putLink],
		['DELETE', `${at}/virtualNetworkLinks/{link}`, ({ params }) => ({ status: azure.resources.delete(idIn(azure, params, link(params))) ? 200 : 204 })],
		['GET', `${at}/A`, ({ params }) => ({ body: { value: azure.resources.below(idIn(azure, params,
			`${ZONE}/${params.zone}`)).filter(({ type }) => type === `${ZONE}/A`) } })],
	];
}
