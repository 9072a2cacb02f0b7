/*
 * The configuration of a site: app settings, config/web and what the Azure CLI reads beside them.
 */
import { mustFit, refuse } from '../refusal.mjs';
import { reading } from '../azure.mjs';
import { IN_GROUP } from '../tracked.mjs';
import { shownRules } from './access.mjs';
import { checkFlexSettings, checkFlexSiteConfig } from './flex.mjs';
import { FLEX } from './plans.mjs';
import { SITE_CONFIG } from './shapes.mjs';
import { TYPE, idleSite } from './sites.mjs';
import { mergeConfig } from './state.mjs';
import { blobAt } from './storage.mjs';

const isFlex = ({ resource }) => resource.properties.sku === FLEX;

export function configuration(azure) {
	const answer = (site, kind, properties) => ({ body: { id: `${site.resource.id}/config/${kind}`, name: kind, type: `${TYPE}/config`,
		location: site.resource.location, properties } });
	const of = (act) => async (question) => act(await idleSite(azure, question.params), question);

	const settingsOf = (site) => answer(site, 'appsettings', site.settings);

	function putSettings(site, { json }) {
		mustFit(json, { id: 'string', name: 'string', type: 'string', kind: 'string', location: 'string', 'properties!': 'map' });
		if (isFlex(site)) checkFlexSettings(json.properties);
		site.settings = { ...json.properties };
		const address = site.settings.WEBSITE_RUN_FROM_PACKAGE;
		if (address) azure.packages.set(site.resource.name, blobAt(azure, address));
		return settingsOf(site);
	}

	function webOf(site) {
		const { config } = site;
		return answer(site, 'web', { ...config, ipSecurityRestrictions: shownRules(config.ipSecurityRestrictions, config.ipSecurityRestrictionsDefaultAction),
			scmIpSecurityRestrictions: shownRules(config.scmIpSecurityRestrictions, config.scmIpSecurityRestrictionsDefaultAction),
			publicNetworkAccess: site.resource.properties.publicNetworkAccess });
	}

	function changeWeb(site, { json }) {
		mustFit(json, { id: 'string', name: 'string', type: 'string', kind: 'string', location: 'string', tags: 'map', 'properties!': SITE_CONFIG });
		const { publicNetworkAccess, ...given } = json.properties;
		if (isFlex(site)) checkFlexSiteConfig(given);
		if (given.appSettings) refuse(400, 'BadRequest', 'App settings are changed by config/appsettings here.');
		site.config = mergeConfig(azure, site.config, given);
		if (publicNetworkAccess) site.resource.properties.publicNetworkAccess = publicNetworkAccess;
		return webOf(site);
	}

	const policy = (site, name) => ({ body: { id: `${site.resource.id}/basicPublishingCredentialsPolicies/${name}`, name, type: `${TYPE}/basicPublishingCredentialsPolicies`,
		properties: { allow: site.publishing[name] } } });

	function putPolicy(site, { params, json }) {
		mustFit(json, { id: 'string', name: 'string', type: 'string', kind: 'string', location: 'string', 'properties!': { 'allow!': 'boolean' } });
		site.publishing[params.policy] = json.properties.allow;
		return policy(site, params.policy);
	}

	const at = `${IN_GROUP}/${TYPE}/{name}`;
	return [
		['POST', `${at}/config/appsettings/list`, reading(of(settingsOf))],
		['PUT', `${at}/config/appsettings`, of(putSettings)],
		['POST', `${at}/config/connectionstrings/list`, reading(of((site) => answer(site, 'connectionstrings', {})))],
		['GET', `${at}/config/slotConfigNames`, of((site) => answer(site, 'slotConfigNames', { connectionStringNames: null, appSettingNames: null,
			azureStorageConfigNames: null }))],
		['GET', `${at}/config/web`, of(webOf)],
		['PUT', `${at}/config/web`, of(changeWeb)],
		['PATCH', `${at}/config/web`, of(changeWeb)],
		['GET', `${at}/basicPublishingCredentialsPolicies/{policy}`, of((site, { params }) => policy(site, params.policy))],
		['PUT', `${at}/basicPublishingCredentialsPolicies/{policy}`, of(putPolicy)],
		['GET', `${at}/hostNameBindings`, of(({ resource: { id, name,
			properties: { defaultHostName } } }) => ({ body: { value: [{ id: `${id}/hostNameBindings/${defaultHostName}`,
			name: `${name}/${defaultHostName}`, type: `${TYPE}/hostNameBindings`, properties: { siteName: name, hostNameType: 'Verified' } }] } }))],
	];
}
