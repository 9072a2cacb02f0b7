/*
 * Microsoft.Web/sites: function apps on Linux.
 */
import { createHash, randomUUID } from 'node:crypto';
import { goesOn, settled } from '../pending.mjs';
import { reading } from '../azure.mjs';
import { mustFit, refuse } from '../refusal.mjs';
import { REGIONS, regionKey, regionName, sameRegion } from '../regions.mjs';
import { IN_GROUP, idIn, mustExist, ofType } from '../tracked.mjs';
import { checkFlexSettings, checkFlexSiteConfig, checkFunctionAppConfig } from './flex.mjs';
import { refuseBusy, refuseWeb } from './form.mjs';
import { FLEX, makePlan, sitesOf } from './plans.mjs';
import { SITE, SITE_PATCH } from './shapes.mjs';
import { mergeConfig, newConfig, newKeys } from './state.mjs';

export const TYPE = 'Microsoft.Web/sites';
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])$/i;
const DELEGATIONS = { FlexConsumption: 'Microsoft.App/environments' };
const SUFFIXES = { 'management.azure.com': 'azurewebsites.net', 'management.usgovcloudapi.net': 'azurewebsites.us', 'management.chinacloudapi.cn': 'chinacloudsites.cn' };
const OUTBOUND = ['198.51.100.10', '198.51.100.11'];

export function siteOf(azure, name) {
	return [...azure.sites.values()].find(({ resource }) => resource.name.toLowerCase() === name.toLowerCase());
}

/* The app of a request that changes it or asks for what belongs to it: there, and nothing going on with it. */
export async function idleSite(azure, params) {
	const { id } = mustExist(azure, params, `${TYPE}/${params.name}`);
	if (!await settled(azure, id)) refuseBusy('site');
	return azure.sites.get(id.toLowerCase());
}

const listOf = (settings) => settings && Object.fromEntries(settings.map(({ name, value }) => [name, value]));

function checkSubnet(azure, id, tier) {
	if (!id) return;
	const subnet = azure.resources.get(id) ?? refuse(404, 'NotFound', `The subnet ${id} was not found.`);
	const wanted = DELEGATIONS[tier] ?? refuseWeb(400, `Virtual network integration is not supported for ${tier}.`);
	const delegations = (subnet.properties.delegations ?? []).map(({ properties }) => properties.serviceName);
	if (!delegations.some((name) => name.toLowerCase() === wanted.toLowerCase())) refuseWeb(400, `The subnet ${id} is not delegated to ${wanted}.`);
}

/* The plan of an app; one of the Consumption plan brings its own. */
async function planOf(azure, params, { location, properties }, there) {
	const given = properties.serverFarmId ?? there?.resource.properties.serverFarmId;
	if (!given) {
		const id = idIn(azure, params, `Microsoft.Web/serverfarms/${regionName(location).replaceAll(' ', '')}LinuxDynamicPlan`);
		return azure.resources.get(id) ?? makePlan(azure, id, { location, sku: 'Y1' });
	}
	const id = given.startsWith('/') ? given : idIn(azure, params, `Microsoft.Web/serverfarms/${given}`);
	const plan = azure.resources.get(id) ?? refuseWeb(404, `Cannot find AppServicePlan with name ${given.split('/').at(-1)}.`, '51004');
	if (!await settled(azure, plan.id)) refuseBusy('serverfarm');
	if (!sameRegion(plan.location, location)) refuseWeb(409, `The site is in ${location}, its plan in ${plan.location}.`);
	const others = sitesOf(azure, plan).filter(({ name }) => name.toLowerCase() !== params.name.toLowerCase());
	if (plan.sku.tier === FLEX && others.length) refuseWeb(409, `A Flex Consumption plan has room for one site; ${plan.name} has ${others[0].name}.`);
	return plan;
}

function checkName(azure, { name }, id) {
	if (!NAME.test(name)) refuseWeb(400, `Site name ${name} is invalid.`);
	const taken = siteOf(azure, name);
	if (azure.taken.includes(name.toLowerCase()) || (taken && taken.resource.id.toLowerCase() !== id.toLowerCase()))
		refuseWeb(409, `Website with given name ${name} already exists.`, '54001');
}

function checkOfPlan(azure, tier, { config, settings, properties, identity }) {
	checkSubnet(azure, properties.virtualNetworkSubnetId, tier);
	if (tier === FLEX) {
		checkFlexSettings(settings);
		checkFlexSiteConfig(config);
		checkFunctionAppConfig(azure, properties.functionAppConfig, { settings, identity });
	} else if (properties.functionAppConfig) {
		refuseWeb(400, 'Site.FunctionAppConfig is for Flex Consumption sites.');
	}
}

function identityOf(azure, given, there) {
	if (!given) return there;
	if (!given.type.startsWith('SystemAssigned')) return given.type === 'None' ? undefined : { type: given.type, userAssignedIdentities: given.userAssignedIdentities };
	const principalId = there?.principalId ?? randomUUID();
	azure.principals.set(principalId, 'ServicePrincipal');
	return { type: given.type, principalId, tenantId: azure.tenantId };
}

/* What Azure adds to what was sent. */
function readOnly(azure, { id, name, resourceGroup, suffix }) {
	const host = `${name}.${suffix}`.toLowerCase();
	const scm = `${name}.scm.${suffix}`.toLowerCase();
	return { name, state: 'Running', hostNames: [host], repositorySiteName: name, usageState: 'Normal', enabledHostNames: [host, scm],
		availabilityState: 'Normal', defaultHostName: host, resourceGroup,
		hostNameSslStates: [[host, 'Standard'], [scm, 'Repository']].map(([at, hostType]) => ({ name: at, sslState: 'Disabled', virtualIP: null,
			thumbprint: null, toUpdate: null, hostType })),
		outboundIpAddresses: OUTBOUND.join(','), possibleOutboundIpAddresses: OUTBOUND.join(','), inProgressOperationId: null,
		customDomainVerificationId: createHash('sha256').update(id).digest('hex').toUpperCase() };
}

/* The members of properties that are kept as they were sent. */
const KEPT = ['enabled', 'httpsOnly', 'publicNetworkAccess', 'virtualNetworkSubnetId', 'outboundVnetRouting', 'functionAppConfig',
	'clientAffinityEnabled', 'clientCertEnabled', 'clientCertMode',
	'keyVaultReferenceIdentity', 'storageAccountRequired', 'endToEndEncryptionEnabled', 'ipMode', 'dailyMemoryTimeQuota'];
const DEFAULTS = { enabled: true, httpsOnly: false, publicNetworkAccess: null, virtualNetworkSubnetId: null, clientAffinityEnabled: false,
	clientCertEnabled: false, clientCertMode: 'Required' };
const kept = (properties) => Object.fromEntries(KEPT.filter((name) => properties[name] !== undefined).map((name) => [name, properties[name]]));

export function sites(azure) {
	/* tags and properties that a GET shows; the app settings are never among them. */
	const shown = ({ resource }) => ({ ...resource, properties: { ...resource.properties, siteConfig: { numberOfWorkers: 1, linuxFxVersion: '',
		appSettings: null, ipSecurityRestrictions: null } } });

	function keep(there, { id, params, json, plan, config, settings, identity, suffix }) {
		const [, , , , resourceGroup] = id.split('/');
		const properties = { ...DEFAULTS, ...(there?.resource.properties), ...kept(json.properties), ...readOnly(azure, { id, name: params.name, resourceGroup, suffix }),
			serverFarmId: plan.id, sku: plan.sku.tier, reserved: true, functionAppConfig: json.properties.functionAppConfig ?? null };
		const resource = azure.resources.put(id, { id, name: params.name, type: TYPE, kind: json.kind ?? 'app', location: regionName(json.location), tags: json.tags ?? {},
			...(identity && { identity }), properties });
		const site = Object.assign(there ?? { ...newKeys(), deployments: [] }, { resource, config, settings });
		azure.sites.set(id.toLowerCase(), site);
		return site;
	}

	async function put(question) {
		const { params, json } = question;
		const id = idIn(azure, params, `${TYPE}/${params.name}`);
		mustFit(json, SITE);
		checkName(azure, params, id);
		if (!(regionKey(json.location) in REGIONS)) refuse(400, 'LocationNotAvailableForResourceType',
			`The provided location '${json.location}' is not available for resource type '${TYPE}'.`);
		if (!await settled(azure, id)) refuseBusy('site');
		const there = azure.sites.get(id.toLowerCase());
		if (there && !sameRegion(there.resource.location, json.location)) refuse(409, 'InvalidResourceLocation',
			`The resource '${params.name}' already exists in location '${regionKey(there.resource.location)}'.`);
		if (!/^functionapp,linux$/.test(json.kind ?? '')) refuseWeb(400, `The played Azure has sites of the kind functionapp,linux, not ${json.kind}.`);
		const plan = await planOf(azure, params, json, there);
		const { siteConfig } = json.properties;
		const settings = listOf(siteConfig?.appSettings) ?? there?.settings ?? {};
		const identity = identityOf(azure, json.identity, there?.resource.identity);
		const config = mergeConfig(azure, there?.config ?? newConfig(), siteConfig ?? {});
		checkOfPlan(azure, plan.sku.tier, { config: siteConfig ?? {}, settings, properties: json.properties, identity });
		const site = keep(there, { id, params, json, plan, config, settings, identity, suffix: SUFFIXES[question.host] });
		return there ? { body: shown(site) } : begun(question, site);
	}

	function begun(question, site) {
		const { resource: { id, location, properties } } = site;
		properties.inProgressOperationId = randomUUID();
		return goesOn(azure, question, { header: 'location', namespace: 'Microsoft.Web', region: location, id, shown: () => shown(site),
			finish: () => { properties.inProgressOperationId = null; } });
	}

	async function patch({ params, json }) {
		const site = await idleSite(azure, params);
		mustFit(json, SITE_PATCH);
		const { resource } = site;
		const { siteConfig = {}, ...rest } = json.properties ?? {};
		const properties = { ...resource.properties, ...kept(rest) };
		const identity = identityOf(azure, json.identity, resource.identity);
		const settings = listOf(siteConfig.appSettings) ?? site.settings;
		checkOfPlan(azure, properties.sku, { config: siteConfig, settings, properties, identity });
		Object.assign(site, { config: mergeConfig(azure, site.config, siteConfig), settings });
		Object.assign(resource, { properties, identity });
		return { body: shown(site) };
	}

	azure.resources.whenRemoved.set(TYPE.toLowerCase(), ({ id, name }) => {
		azure.sites.delete(id.toLowerCase());
		azure.packages.delete(name);
	});

	function remove({ params, query }) {
		const id = idIn(azure, params, `${TYPE}/${params.name}`);
		const { resource } = azure.sites.get(id.toLowerCase()) ?? {};
		if (!resource) return { status: 204 };
		azure.resources.remove(id);
		const plan = azure.resources.get(resource.properties.serverFarmId);
		/* Azure's own default: the last app takes its plan with it. */
		if (query('deleteEmptyServerFarm') !== 'false' && !sitesOf(azure, plan).length) azure.resources.delete(plan.id);
		return { status: 200 };
	}

	async function get({ params }) {
		const { id } = mustExist(azure, params, `${TYPE}/${params.name}`);
		await settled(azure, id);
		return { body: shown(azure.sites.get(id.toLowerCase())) };
	}

	const nameAvailability = reading(({ json }) => {
		mustFit(json, { 'name!': 'string', 'type!': [TYPE], isFqdn: 'boolean' });
		try {
			checkName(azure, json, '');
			return { body: { nameAvailable: true, reason: '', message: '' } };
		} catch ({ message }) {
			return { body: { nameAvailable: false, reason: 'AlreadyExists', message } };
		}
	});

	const list = ({ params }) => ({ body: { value: ofType(azure, TYPE, params.group).map(({ id }) => shown(azure.sites.get(id.toLowerCase()))) } });
	return [
		['GET', `${IN_GROUP}/${TYPE}/{name}`, get],
		['PUT', `${IN_GROUP}/${TYPE}/{name}`, put],
		['PATCH', `${IN_GROUP}/${TYPE}/{name}`, patch],
		['DELETE', `${IN_GROUP}/${TYPE}/{name}`, remove],
		['GET', `${IN_GROUP}/${TYPE}`, list],
		['GET', `/subscriptions/{subscription}/providers/${TYPE}`, list],
		['POST', '/subscriptions/{subscription}/providers/Microsoft.Web/checknameavailability', nameAvailability],
	];
}
