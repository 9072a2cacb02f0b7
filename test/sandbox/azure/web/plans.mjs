/*
 * Microsoft.Web/serverfarms: the plans that this project has, Flex Consumption and Consumption, on Linux.
 */
import { goesOn, settled } from '../pending.mjs';
import { mustFit } from '../refusal.mjs';
import { REGIONS, regionKey, regionName, sameRegion } from '../regions.mjs';
import { IN_GROUP, idIn, mustExist, ofType } from '../tracked.mjs';
import { refuseBusy, refuseWeb } from './form.mjs';
import { PLAN } from './shapes.mjs';

export const FLEX = 'FlexConsumption';
const TYPE = 'Microsoft.Web/serverfarms';
const SKUS = { FC1: { name: 'FC1', tier: FLEX, size: 'FC1', family: 'FC', capacity: 0 }, Y1: { name: 'Y1', tier: 'Dynamic', size: 'Y1', family: 'Y', capacity: 0 } };
const NO_FLEX = ['chinanorth3'];

export const hasFlex = (location) => regionKey(location) in REGIONS && !NO_FLEX.includes(regionKey(location));
export const sitesOf = (azure, plan) => ofType(azure, 'Microsoft.Web/sites').filter(({ properties }) => properties.serverFarmId.toLowerCase() === plan.id.toLowerCase());

function check({ location, sku, properties }, there) {
	const of = SKUS[sku.name] ?? refuseWeb(400, `The played Azure has no plan of the SKU ${sku.name}.`);
	if (sku.tier && sku.tier !== of.tier) refuseWeb(400, `The SKU ${sku.name} is of the tier ${of.tier}, not ${sku.tier}.`);
	if (!properties?.reserved) refuseWeb(400, 'The parameter properties.reserved has an invalid value.  Linux needs true.', '01007');
	if (!(regionKey(location) in REGIONS) || (of.tier === FLEX && !hasFlex(location)))
		refuseWeb(400, `Requested features are not supported in region. Please try another location. (${location})`, '59911');
	if (there && !sameRegion(there.location, location)) refuseWeb(409, `The plan is in ${there.location} and cannot be moved.`);
	if (there && there.sku.name !== sku.name) refuseWeb(409, `The plan is a ${there.sku.name} and cannot become a ${sku.name}.`);
	return of;
}

/* A plan that is there at once, as one that a site of the Consumption plan brings with it. */
export function makePlan(azure, id, { location, kind, tags, sku, zoneRedundant = false }) {
	const [, , , , resourceGroup, , , , name] = id.split('/');
	return azure.resources.put(id, { id, name, type: TYPE, kind: kind ?? 'functionapp', location: regionName(location), tags: tags ?? {}, sku: SKUS[sku],
		properties: { serverFarmId: 1, name, status: 'Ready', reserved: true, isXenon: false, hyperV: false, perSiteScaling: false, elasticScaleEnabled: false, zoneRedundant,
			numberOfSites: 0, geoRegion: regionName(location), resourceGroup, subscription: azure.subscriptionId, provisioningState: 'Succeeded' } });
}

export function plans(azure) {
	const shown = (plan) => ({ ...plan, properties: { ...plan.properties, numberOfSites: sitesOf(azure, plan).length } });

	async function put(question) {
		const { params, json } = question;
		const id = idIn(azure, params, `${TYPE}/${params.name}`);
		if (!await settled(azure, id)) refuseBusy('serverfarm');
		mustFit(json, PLAN);
		const there = azure.resources.get(id);
		const sku = check(json, there);
		const plan = makePlan(azure, id, { ...json, sku: sku.name, zoneRedundant: json.properties.zoneRedundant });
		if (there) return { body: shown(plan) };
		plan.properties.provisioningState = 'InProgress';
		return goesOn(azure, question, { header: 'location', namespace: 'Microsoft.Web', region: json.location, id, shown: () => shown(plan),
			finish: () => { plan.properties.provisioningState = 'Succeeded'; } });
	}

	function remove({ params }) {
		const id = idIn(azure, params, `${TYPE}/${params.name}`);
		const plan = azure.resources.get(id);
		if (!plan) return { status: 204 };
		const sites = sitesOf(azure, plan).map(({ name }) => name);
		if (sites.length) refuseWeb(409, `Server farm '${params.name}' cannot be deleted because it has web app(s) ${sites.join(', ')} assigned to it.`, '11004');
		azure.resources.delete(id);
		return { status: 200 };
	}

	async function get({ params }) {
		const plan = mustExist(azure, params, `${TYPE}/${params.name}`);
		await settled(azure, plan.id);
		return { body: shown(plan) };
	}

	return [
		['GET', `${IN_GROUP}/${TYPE}/{name}`, get],
		['GET', `${IN_GROUP}/${TYPE}`, ({ params }) => ({ body: { value: ofType(azure, TYPE, params.group).map(shown) } })],
		['PUT', `${IN_GROUP}/${TYPE}/{name}`, put],
		['DELETE', `${IN_GROUP}/${TYPE}/{name}`, remove],
	];
}
