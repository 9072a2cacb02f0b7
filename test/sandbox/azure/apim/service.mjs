/*
 * Instances of API Management: created and changed slowly, deleted softly, brought back with all that they held.
 */
import { randomUUID } from 'node:crypto';
import { reading } from '../azure.mjs';
import { mustFit, refuse } from '../refusal.mjs';
import { ECHO, addApi } from './apis.mjs';
import { Instance, READ_ONLY, addressOf, newBody, shapeOf } from './instance.mjs';
import { stockPolicy } from './policies.mjs';
import { isClassic, mustBeNetwork, mustBeSku } from './tiers.mjs';

const TYPE = 'Microsoft.ApiManagement/service';
const NAME = /^[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/;
const NAME_LIMIT = 50;
const DAY_MS = 24 * 3600 * 1000;
const KEPT_DAYS = 2;

export function services(azure, kinds) {
	const root = `/subscriptions/${azure.subscriptionId}`;
	const instances = new WeakMap(); /* by the body that ARM has */
	const deleted = new Map(); /* {instance, location, at} by name */

	const nameOf = ({ service }) => service.toLowerCase();
	const idOf = ({ group, service }) => `${root}/resourceGroups/${group}/providers/${TYPE}/${service}`;

	const instanceOf = ({ params }) => instances.get(azure.resources.get(idOf(params))) ?? refuse(404, 'ResourceNotFound',
		`The Resource '${TYPE}/${params.service}' under resource group '${params.group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`);

	const isThere = ({ params }) => Boolean(azure.resources.get(idOf(params)));

	/* What an update says, into what is there. */
	function merge(body, given) {
		const { identity, tags, sku, properties: { restore: _, ...rest } = {} } = given;
		for (const name of Object.keys(READ_ONLY)) delete rest[name.slice(0, -1)];
		Object.assign(body.properties, rest);
		if (sku) body.sku = sku;
		if (tags) body.tags = tags;
		if (identity) body.identity = identityOf(body.identity, identity);
	}

	/* The system's identity stays the same for as long as there is one. */
	function identityOf(before, { type }) {
		if (!type.startsWith('SystemAssigned')) return { type };
		const principalId = before?.principalId ?? randomUUID();
		azure.principals.set(principalId, 'ServicePrincipal');
		return { type, principalId, tenantId: azure.tenantId };
	}

	function activated(instance) {
		const { body } = instance;
		Object.assign(body.properties, { provisioningState: 'Succeeded', targetProvisioningState: '', publicIPAddresses: isClassic(instance.tier) ? [addressOf(body.id)] : null });
		return { body };
	}

	/* Goes on until enough questions were asked; over at once where Azure is not slow. */
	async function begin(question, { instance, state, finish, answer }) {
		instance.body.properties.provisioningState = state;
		instance.operation = azure.operations.begin('', () => {
			try {
				instance.mustNotFail(instance.id);
				return finish();
			} catch (error) {
				instance.body.properties.provisioningState = 'Failed';
				throw error;
			}
		}).slice(1);
		if (!azure.slowStates) await azure.operations.ask(instance.operation);
		return answer ?? (azure.slowStates ? { status: 202, headers: located(question, instance), body: instance.body } : { body: instance.body });
	}

	const operationsOf = ({ body }) => `${root}/providers/Microsoft.ApiManagement/locations/${body.location.toLowerCase().replace(/ /g, '')}/operationresults`;
	const located = ({ host, query }, instance) => ({ 'retry-after': '0',
		location: `https://${host}${operationsOf(instance)}/${instance.operation}?api-version=${query('api-version')}` });

	function mustBeFree({ params: { service } }) {
		if (!NAME.test(service) || service.length > NAME_LIMIT) refuse(400, 'InvalidParameters', `Invalid parameter: The service name '${service}' is not valid.`);
		if (deleted.has(service.toLowerCase())) refuse(409, 'ServiceAlreadyExistsInSoftDeletedState',
			`Api service ${service} was soft-deleted. In order to create the new service with the same name, you have to either undelete the service or purge it. See https://aka.ms/apimsoftdelete.`);
		if (azure.taken.includes(service.toLowerCase())) refuse(409, 'ServiceAlreadyExists', `Api service already exists: ${service}`);
	}

	function restore(question) {
		const gone = deleted.get(nameOf(question.params));
		if (!gone || gone.instance.id.toLowerCase() !== idOf(question.params).toLowerCase())
			refuse(404, 'ServiceNotFound', `Api service ${question.params.service} cannot be undeleted: there is no soft-deleted service of that name.`);
		deleted.delete(nameOf(question.params));
		azure.resources.put(gone.instance.id, gone.instance.body);
		return begin(question, { instance: gone.instance, state: 'Activating', finish: () => activated(gone.instance) });
	}

	function create(question) {
		const { json, params } = question;
		mustBeFree(question);
		const tier = json.sku.name;
		const body = newBody({ id: idOf(params), name: params.service, host: question.host, tier });
		body.location = json.location;
		const instance = new Instance(azure, kinds, body);
		merge(body, json);
		body.properties.targetProvisioningState = 'Activating';
		Object.assign(instance.add('policies/policy'), { nodes: stockPolicy(), usable: true, state: 'Succeeded' });
		if (isClassic(tier)) addApi(instance, ECHO);
		instances.set(azure.resources.put(body.id, body), instance);
		return begin(question, { instance, state: 'Created', finish: () => activated(instance), answer: { status: 201, headers: { 'retry-after': '0' }, body } });
	}

	function update(question, instance) {
		const { body } = instance;
		const { json } = question;
		if (json.location && json.location !== body.location)
			refuse(409, 'InvalidResourceLocation', `The resource '${body.name}' already exists in location '${body.location}' in resource group '${question.params.group}'. A resource with the same name cannot be created in location '${json.location}'. Please select a new resource name.`);
		if (json.sku && isClassic(json.sku.name) !== isClassic(instance.tier)) refuse(400, 'InvalidParameters', `Invalid parameter: The SKU cannot be changed from ${instance.tier} to ${json.sku.name}.`);
		if (body.properties.provisioningState !== 'Succeeded' && body.properties.provisioningState !== 'Failed')
			refuse(409, 'Conflict', `The service '${body.name}' is transitioning at this time: ${body.properties.provisioningState}.`);
		merge(body, json);
		return begin(question, { instance, state: 'Updating', finish: () => activated(instance) });
	}

	function put(question) {
		const { json } = question;
		mustFit(json, shapeOf('!'));
		mustBeSku(json.sku, question.query('api-version'));
		if (json.properties.restore) return restore(question);
		mustBeNetwork(azure, json.sku.name, json.properties);
		return isThere(question) ? update(question, instanceOf(question)) : create(question);
	}

	function patch(question) {
		const instance = instanceOf(question);
		const { json } = question;
		mustFit(json, shapeOf(''));
		if (json.sku) mustBeSku(json.sku, question.query('api-version'));
		mustBeNetwork(azure, json.sku?.name ?? instance.tier, { ...instance.body.properties, ...json.properties });
		return update(question, instance);
	}

	async function get(question) {
		const instance = instanceOf(question);
		const { properties: now } = instance.body;
		const { state } = instance.operation ? await azure.operations.ask(instance.operation) : {};
		if (state === 'InProgress' && now.provisioningState === 'Created') now.provisioningState = 'Activating';
		return { body: instanceOf(question).body };
	}

	function remove(question) {
		if (!isThere(question)) return { status: 204 };
		const instance = instanceOf(question);
		return begin(question, { instance, state: 'Terminating', finish() {
			azure.resources.remove(instance.id);
			return { status: 200 };
		} });
	}

	azure.resources.whenRemoved.set(TYPE.toLowerCase(), (body) => { deleted.set(body.name.toLowerCase(), { instance: instances.get(body), at: Date.now() }); });

	const gone = ({ instance, at }) => ({ id: `${root}/providers/Microsoft.ApiManagement/locations/${instance.body.location}/deletedservices/${instance.body.name}`,
		name: instance.body.name, type: 'Microsoft.ApiManagement/deletedservices', location: instance.body.location,
		properties: { serviceId: instance.id, deletionDate: new Date(at).toISOString(), scheduledPurgeDate: new Date(at + KEPT_DAYS * DAY_MS).toISOString() } });

	function purge(question) {
		const found = deleted.get(nameOf(question.params));
		if (!found) return { status: 204 };
		return azure.operations.accept(question, operationsOf(found.instance), () => {
			deleted.delete(nameOf(question.params));
			return { status: 200 };
		});
	}

	function checkName({ json }) {
		mustFit(json, { 'name!': 'string' });
		try {
			mustBeFree({ params: { service: json.name } });
			return { body: { nameAvailable: true, reason: 'Valid', message: '' } };
		} catch ({ message }) {
			return { body: { nameAvailable: false, reason: 'AlreadyExists', message } };
		}
	}

	const all = (prefix) => ({ body: { value: azure.resources.below(prefix).filter((body) => instances.has(body)) } });
	const one = `/subscriptions/{subscription}/resourceGroups/{group}/providers/${TYPE}/{service}`;
	const provider = '/subscriptions/{subscription}/providers/Microsoft.ApiManagement';
	/* orders: {pattern (of an id), code, message}: the next operation on such a thing fails so; instance(name): what it holds. */
	azure.apim = { orders: [], instance: (name) => instances.get(azure.resources.below(root).find((body) => instances.has(body) && body.name === name)) };
	return { one, instanceOf, routes: [
		['GET', one, get], ['PUT', one, put], ['PATCH', one, patch], ['DELETE', one, remove],
		['GET', `/subscriptions/{subscription}/resourceGroups/{group}/providers/${TYPE}`, ({ params }) => all(`${root}/resourceGroups/${params.group}`)],
		['GET', `${provider}/service`, () => all(root)],
		['POST', `${provider}/checkNameAvailability`, reading(checkName)],
		['GET', `${provider}/deletedservices`, () => ({ body: { value: [...deleted.values()].map(gone) } })],
		['GET', `${provider}/locations/{location}/deletedservices/{service}`, ({ params }) => ({ body: gone(deleted.get(nameOf(params))
			?? refuse(404, 'ServiceNotFound', `Api service ${params.service} is not soft-deleted.`)) })],
		['DELETE', `${provider}/locations/{location}/deletedservices/{service}`, purge],
	] };
}
