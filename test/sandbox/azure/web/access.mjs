/*
 * Access restrictions of a function app: which rules there can be, how they are told again, and whom they let in.
 */
import { BlockList, isIP } from 'node:net';
import { refuse } from '../refusal.mjs';
import { ofType } from '../tracked.mjs';
import { refuseWeb } from './form.mjs';

const LAST = 2147483647;
const MOST_RULES = 512;
const CIDR = /^([0-9a-f.:]+)\/(\d+)$/i;

function checkRule(azure, { ipAddress, vnetSubnetResourceId, action, tag = 'Default', priority }) {
	if (!ipAddress === !vnetSubnetResourceId) refuseWeb(400, 'An IP restriction needs either IpAddress or VnetSubnetResourceId.');
	if (action === undefined) refuseWeb(400, 'An IP restriction needs an Action.');
	if (priority !== undefined && priority < 1) refuseWeb(400, `The priority ${priority} of an IP restriction is invalid.`);
	if (vnetSubnetResourceId) {
		if (!azure.resources.get(vnetSubnetResourceId)) refuseWeb(400, `The subnet ${vnetSubnetResourceId} of an IP restriction was not found.`);
		return;
	}
	const [, address, bits] = CIDR.exec(ipAddress) ?? [];
	if (tag !== 'ServiceTag' && !(isIP(address) && Number(bits) <= (isIP(address) === 4 ? 32 : 128)))
		refuseWeb(400, `The parameter IpAddress has an invalid value. ${ipAddress} is no address block such as 192.0.2.1/32.`, '01033');
}

/* The rules of a request, without the last one that Azure adds. */
export function rulesOf(azure, given) {
	const rules = (given ?? []).filter(({ ipAddress, priority }) => !(ipAddress === 'Any' && Number(priority ?? LAST) === LAST))
		.map((rule) => ({ ...rule, ...(rule.ipAddress && !rule.ipAddress.includes('/') && isIP(rule.ipAddress) && { ipAddress: `${rule.ipAddress}/${isIP(rule.ipAddress) === 4 ? 32 : 128}` }) }));
	if (rules.length > MOST_RULES) refuseWeb(400, `There can be no more than ${MOST_RULES} IP restrictions.`);
	for (const rule of rules) checkRule(azure, rule);
	return rules.map((rule) => ({ tag: 'Default', ...rule, priority: Number(rule.priority ?? 65000) }));
}

/* What happens to those whom no rule names. */
const lastAction = (rules, chosen) => chosen ?? (rules.some(({ action }) => action === 'Allow') ? 'Deny' : 'Allow');

export function shownRules(rules, chosen) {
	const action = lastAction(rules, chosen);
	return [...rules.toSorted((a, b) => a.priority - b.priority), { ipAddress: 'Any', action, priority: LAST, name: `${action} all`, description: `${action} all access` }];
}

function matches({ ipAddress, vnetSubnetResourceId, tag }, { ip, subnet, service }) {
	if (vnetSubnetResourceId) return vnetSubnetResourceId.toLowerCase() === subnet?.toLowerCase();
	if (tag === 'ServiceTag') return ipAddress === service;
	const [, address, bits] = CIDR.exec(ipAddress);
	const block = new BlockList();
	block.addSubnet(address, Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6');
	return Boolean(ip) && block.check(ip, isIP(ip) === 4 ? 'ipv4' : 'ipv6');
}

function allows(rules, chosen, caller) {
	const first = rules.toSorted((a, b) => a.priority - b.priority).find((rule) => matches(rule, caller));
	return (first?.action ?? lastAction(rules, chosen)) === 'Allow';
}

const endpointsOf = (azure, site) => ofType(azure, 'Microsoft.Network/privateEndpoints')
	.filter(({ properties }) => properties.privateLinkServiceConnections.some((one) => one.properties.privateLinkServiceId.toLowerCase() === site.resource.id.toLowerCase()));

/* Whether a caller reaches the app (scm: its deployment site).  caller: {ip, subnet (id, by service endpoint), service (tag), viaPrivateEndpoint}.
 * Without publicNetworkAccess a private endpoint shuts the public way. */
export function reaches(azure, site, caller, scm = false) {
	if (!site) refuse(404, 'NotFound', 'There is no such app.');
	const endpoints = endpointsOf(azure, site);
	if (caller.viaPrivateEndpoint) return endpoints.length > 0;
	const open = site.resource.properties.publicNetworkAccess || (endpoints.length ? 'Disabled' : 'Enabled');
	if (open === 'Disabled') return false;
	const { config } = site;
	return scm && !config.scmIpSecurityRestrictionsUseMain
		? allows(config.scmIpSecurityRestrictions, config.scmIpSecurityRestrictionsDefaultAction, caller)
		: allows(config.ipSecurityRestrictions, config.ipSecurityRestrictionsDefaultAction, caller);
}
