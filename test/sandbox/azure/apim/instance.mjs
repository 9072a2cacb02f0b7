/*
 * One instance of API Management: what Azure Resource Manager shows of it, and what it holds.
 */
import { createHash } from 'node:crypto';
import { refuse } from '../refusal.mjs';
import { Children } from './children.mjs';
import { isClassic } from './tiers.mjs';

const DOMAINS = { 'management.azure.com': 'azure-api.net', 'management.usgovcloudapi.net': 'azure-api.us', 'management.chinacloudapi.cn': 'azure-api.cn' };

export const READ_ONLY = Object.fromEntries(['provisioningState', 'targetProvisioningState', 'createdAtUtc', 'gatewayUrl', 'gatewayRegionalUrl', 'portalUrl', 'managementApiUrl', 'scmUrl',
	'developerPortalUrl', 'publicIPAddresses', 'privateIPAddresses', 'outboundPublicIPAddresses', 'platformVersion', 'privateEndpointConnections'].map((name) => [`${name}~`, 'any']));
/* mark: `!` where everything that an instance needs must be said. */
export const shapeOf = (mark) => ({ [`location${mark}`]: 'string', tags: 'map', zones: { list: 'string' }, [`sku${mark}`]: { 'name!': 'string', 'capacity!': 'integer' },
	identity: { 'type!': ['SystemAssigned', 'UserAssigned', 'SystemAssigned, UserAssigned', 'None'], userAssignedIdentities: 'any', 'principalId~': 'any', 'tenantId~': 'any' },
	'etag~': 'any', 'id~': 'any', 'name~': 'any', 'type~': 'any', 'systemData~': 'any',
	[`properties${mark}`]: { [`publisherEmail${mark}`]: 'string', [`publisherName${mark}`]: 'string', notificationSenderEmail: 'string', hostnameConfigurations: 'any', additionalLocations: 'any',
		virtualNetworkType: ['None', 'External', 'Internal'], virtualNetworkConfiguration: { subnetResourceId: 'string', 'vnetid~': 'any', 'subnetname~': 'any' },
		customProperties: 'map', certificates: 'any', enableClientCertificate: 'boolean', natGatewayState: ['Enabled', 'Disabled'], disableGateway: 'boolean',
		apiVersionConstraint: { minApiVersion: 'string' }, restore: 'boolean', publicIpAddressId: 'string', publicNetworkAccess: ['Enabled', 'Disabled'],
		configurationApi: { legacyApi: ['Enabled', 'Disabled'] }, developerPortalStatus: ['Enabled', 'Disabled'], legacyPortalStatus: ['Enabled', 'Disabled'], ...READ_ONLY } });

/* One of the addresses that are documented as no one's. */
export const addressOf = (id) => `203.0.113.${createHash('sha256').update(id).digest()[0]}`;

/* body: what ARM gives; the children: what it holds. */
export class Instance extends Children {
	constructor(azure, kinds, body) {
		super(kinds);
		Object.assign(this, { azure, body });
	}

	get id() {
		return this.body.id;
	}

	get tier() {
		return this.body.sku.name;
	}

	get principalId() {
		return this.body.identity?.principalId;
	}

	/* The text of each named value by the name that policies use. */
	namedValues() {
		return new Map(this.in('namedValues').filter(({ usable }) => usable).map(({ properties: { displayName }, value }) => [displayName, value]));
	}

	/* A secret of the service's own. */
	keep(name, value) {
		Object.assign(this.find(`namedValues/${name}`) ?? this.add(`namedValues/${name}`), { value, usable: true, state: 'Succeeded',
			properties: { displayName: name, secret: true, tags: [] } });
	}

	mustBeActive() {
		const { provisioningState } = this.body.properties;
		if (!['Succeeded', 'Updating'].includes(provisioningState))
			refuse(409, 'ServiceNotActive', `The service '${this.body.name}' is in the state ${provisioningState} and takes no changes.`);
	}

	mustNotFail(id) {
		const order = this.azure.apim.orders.find((one) => one.pattern.test(id));
		if (!order) return;
		this.azure.apim.orders.splice(this.azure.apim.orders.indexOf(order), 1);
		refuse(order.status ?? 409, order.code, order.message);
	}
}

export function newBody({ id, name, host, tier }) {
	const domain = DOMAINS[host];
	const at = (part) => `https://${name.toLowerCase()}${part}.${domain}`;
	return { id, name, type: 'Microsoft.ApiManagement/service', etag: 'AAAAAAAAAAE=', properties: { notificationSenderEmail: 'apimgmt-noreply@mail.windowsazure.com', createdAtUtc: new Date().toISOString(),
		gatewayUrl: `https://${name.toLowerCase()}.${domain}`, developerPortalUrl: tier === 'Consumption' ? null : at('.developer'),
		managementApiUrl: at('.management'), scmUrl: at('.scm'), gatewayRegionalUrl: null, hostnameConfigurations: [{ type: 'Proxy', hostName: `${name.toLowerCase()}.${domain}`, defaultSslBinding: true,
			negotiateClientCertificate: false, certificateSource: 'BuiltIn' }], publicIPAddresses: null, privateIPAddresses: null, additionalLocations: null, virtualNetworkType: 'None',
		virtualNetworkConfiguration: null, customProperties: {}, disableGateway: false, enableClientCertificate: null, natGatewayState: 'Disabled', publicNetworkAccess: 'Enabled',
		platformVersion: tier === 'Consumption' ? 'mtv1' : isClassic(tier) ? 'stv2' : 'stv2.1' } };
}
