/*
 * Resource providers: a subscription uses a namespace after it has registered it, which takes a while.
 */
import { versioned } from './arm.mjs';
import { refuse } from './refusal.mjs';

const NAMESPACES = ['Microsoft.Web', 'Microsoft.ApiManagement', 'Microsoft.KeyVault', 'Microsoft.Storage', 'Microsoft.Insights', 'Microsoft.OperationalInsights',
	'Microsoft.Network', 'Microsoft.App', 'Microsoft.ManagedIdentity'];
const ALWAYS = ['Microsoft.Authorization', 'Microsoft.Resources'];
const same = (one) => (other) => one.toLowerCase() === other.toLowerCase();

function stateOf(azure, namespace) {
	if (!azure.registered || azure.registered.some(same(namespace))) return 'Registered';
	const left = azure.registering.get(namespace);
	if (left === undefined) return 'NotRegistered';
	if (left > 0) {
		azure.registering.set(namespace, left - 1);
		return 'Registering';
	}
	azure.registered.push(namespace);
	return 'Registered';
}

export function mustBeRegistered(azure, namespace) {
	if (!azure.registered || [...ALWAYS, ...azure.registered].some(same(namespace))) return;
	refuse(409, 'MissingSubscriptionRegistration', `The subscription is not registered to use namespace '${namespace}'. See https://aka.ms/rps-not-found for how to register subscriptions.`);
}

export function namespaces(azure) {
	azure.registering = new Map();
	const named = ({ params }) => [...NAMESPACES, ...ALWAYS].find(same(params.namespace))
		?? refuse(404, 'InvalidResourceNamespace', `The resource namespace '${params.namespace}' is invalid.`);
	const shown = (namespace) => ({ id: `/subscriptions/${azure.subscriptionId}/providers/${namespace}`, namespace, registrationPolicy: 'RegistrationRequired',
		resourceTypes: [], registrationState: ALWAYS.includes(namespace) ? 'Registered' : stateOf(azure, namespace) });

	function register(question) {
		const namespace = named(question);
		if (stateOf(azure, namespace) === 'NotRegistered') azure.registering.set(namespace, azure.slowStates);
		return { body: shown(namespace) };
	}

	return versioned(['2021-04-01', '2022-09-01', '2024-11-01'], [
		['GET', '/subscriptions/{subscription}/providers', () => ({ body: { value: [...NAMESPACES, ...ALWAYS].map(shown) } })],
		['GET', '/subscriptions/{subscription}/providers/{namespace}', (question) => ({ body: shown(named(question)) })],
		['POST', '/subscriptions/{subscription}/providers/{namespace}/register', register],
	]);
}
