/*
 * The tiers of API Management: what can be ordered, and what an instance of each has.
 */
import { invalid } from './validation.mjs';
import { refuse } from '../refusal.mjs';

/* capacity: [least, most]; classic: comes with the Echo API and has addresses of its own; since: the first api-version. */
const TIERS = {
	Consumption: { capacity: [0, 0] },
	Developer: { capacity: [1, 1], classic: true, network: 'injected' },
	Basic: { capacity: [1, 2], classic: true },
	Standard: { capacity: [1, 4], classic: true },
	Premium: { capacity: [1, 31], classic: true, network: 'injected' },
	BasicV2: { capacity: [1, 10], since: '2024-05-01' },
	StandardV2: { capacity: [1, 10], since: '2024-05-01', network: 'integrated' },
	PremiumV2: { capacity: [1, 30], since: '2024-05-01', network: 'integrated' },
};
const DELEGATION = 'Microsoft.Web/serverFarms';

export const isClassic = (tier) => Boolean(TIERS[tier].classic);

export function mustBeSku({ name, capacity }, version) {
	const tier = TIERS[name] ?? invalid({ target: 'sku', message: `The sku '${name}' is not one of ${Object.keys(TIERS).join(', ')}.` });
	if (tier.since && version < tier.since) refuse(400, 'InvalidParameters', `Invalid parameter: The SKU '${name}' is not supported in API version '${version}'.`);
	const [least, most] = tier.capacity;
	if (capacity < least || capacity > most) refuse(400, 'InvalidParameters', `Invalid parameter: Capacity for ${name} SKU must be ${least === most ? least : `between ${least} and ${most}`}.`);
}

/* The subnet of a virtual network, wherever the provider of networks keeps it. */
function subnetOf(azure, id) {
	const [, network, name] = /^(.+\/virtualNetworks\/[^/]+)\/subnets\/([^/]+)$/i.exec(id) ?? [];
	return azure.resources.get(id) ?? azure.resources.get(network ?? '')?.properties?.subnets?.find((one) => one.name === name);
}

export function mustBeNetwork(azure, tier, { virtualNetworkType = 'None', virtualNetworkConfiguration }) {
	if (virtualNetworkType === 'None') return;
	const { network } = TIERS[tier];
	if (!network) refuse(400, 'InvalidParameters', `Invalid parameter: Virtual network is not supported in the ${tier} SKU.`);
	const id = virtualNetworkConfiguration?.subnetResourceId ?? refuse(400, 'InvalidParameters', 'Invalid parameter: virtualNetworkConfiguration.subnetResourceId is required.');
	const subnet = subnetOf(azure, id) ?? refuse(400, 'InvalidParameters', `Invalid parameter: The subnet '${id}' was not found.`);
	const delegations = subnet.properties?.delegations ?? [];
	if (network === 'integrated' && !delegations.some(({ properties }) => properties?.serviceName?.toLowerCase() === DELEGATION.toLowerCase()))
		refuse(400, 'InvalidParameters', `Invalid parameter: The subnet '${id}' must be delegated to ${DELEGATION}.`);
}
