/*
 * Azure Resource Manager: the resources of one subscription by their ids, who may refer to what, and the
 * operations that go on after an answer.  Each provider is a module of its own; what is checked of every id is checked here.
 */
import { refuse } from './refusal.mjs';
import { apim } from './apim/apim.mjs';
import { groups } from './groups.mjs';
import { monitor } from './monitor.mjs';
import { network } from './network/network.mjs';
import { web } from './web/web.mjs';
import { namespaces, mustBeRegistered } from './namespaces.mjs';
import { roles } from './roles.mjs';
import { storage } from './storage.mjs';
import { tags } from './tags.mjs';
import { vaults } from './vaults.mjs';

const HOSTS = /^management\.(azure\.com|usgovcloudapi\.net|chinacloudapi\.cn)$/;
const AUDIENCE = /^https:\/\/management\.(azure\.com|core\.windows\.net|usgovcloudapi\.net|core\.usgovcloudapi\.net|chinacloudapi\.cn|core\.chinacloudapi\.cn)\/?$/;
const PROVIDERS = [apim, groups, web, monitor, network, namespaces, roles, storage, tags, vaults];

/* The resources by id, letters in either case being one. */
class Resources {
	#byId = new Map();
	whenRemoved = new Map();	/* type, in small letters -> what is done with (resource, [[id, resource]] of all below it) */

	get(id) {
		return this.#byId.get(id.toLowerCase());
	}

	put(id, resource) {
		this.#byId.set(id.toLowerCase(), resource);
		return resource;
	}

	delete(id) {
		return this.#byId.delete(id.toLowerCase());
	}

	#entriesBelow(prefix) {
		return [...this.#byId].filter(([id]) => id.startsWith(`${prefix.toLowerCase()}/`));
	}

	/* Those whose id begins so. */
	below(prefix) {
		return this.#entriesBelow(prefix).map(([, resource]) => resource);
	}

	/* It and all below it; what a type leaves behind is its own. */
	remove(id) {
		const entries = [[id.toLowerCase(), this.get(id)], ...this.#entriesBelow(id)];
		for (const [one, resource] of entries) this.whenRemoved.get(resource?.type?.toLowerCase())?.(resource, this.#entriesBelow(one));
		for (const [one] of entries) this.#byId.delete(one);
	}

	get ids() {
		return [...this.#byId.keys()];
	}
}

/* Refuses any api-version that is not among those that the provider has. */
export function versioned(versions, rows) {
	return rows.map(([method, pattern, handler]) => [method, pattern, Object.assign((question) => {
		const version = question.query('api-version');
		if (!version) refuse(400, 'MissingApiVersionParameter', 'The api-version query parameter (?api-version=) is required for all requests.');
		if (!versions.includes(version))
			refuse(400, 'NoRegisteredProviderFound', `No registered resource provider found for API version '${version}'. The supported api-versions are '${versions.join(', ')}'.`);
		return handler(question);
	}, { reads: handler.reads })]);
}

/* An operation that goes on: its address answers "in progress" slowStates times, then it ends; finish() runs then and may throw
 * a Refusal, which is its failure. */
export class Operations {
	#byId = new Map();

	constructor(azure) {
		this.azure = azure;
	}

	/* 202 with the address to ask at (await it with located()); at once what finish() gives where Azure is not slow. */
	async accept({ host, query }, base, finish) {
		if (!this.azure.slowStates) return await finish() ?? { status: 204 };
		return { status: 202, headers: { location: `https://${host}${this.begin(base, finish)}?api-version=${query('api-version')}`, 'retry-after': '0' } };
	}

	/* The routes of such addresses: 202 again, then what finish() gave. */
	located(versions, base) {
		return versioned(versions, [['GET', `${base}/{operation}`, async ({ url, params }) => {
			const { state, result, error } = await this.ask(params.operation);
			if (error) throw error;
			return state === 'InProgress' ? { status: 202, headers: { location: String(url), 'retry-after': '0' } } : result ?? { status: 204 };
		}]]);
	}

	/* The address to ask after, a path. */
	begin(base, finish) {
		const id = `op-${this.#byId.size + 1}`;
		this.#byId.set(id, { left: this.azure.slowStates, finish });
		return `${base}/${id}`;
	}

	/* {state: 'InProgress' | 'Succeeded' | 'Failed', error, result} */
	async ask(id) {
		const operation = this.#byId.get(id) ?? refuse(404, 'NotFound', `There is no operation ${id}.`);
		if (operation.left-- > 0) return { state: 'InProgress' };
		operation.outcome ??= Promise.resolve().then(operation.finish).then((result) => ({ state: 'Succeeded', result }), (error) => ({ state: 'Failed', error }));
		return operation.outcome;
	}
}

/* What of the subscription's own can be seen without a right in it: that it is there, its namespaces, how operations go on. */
const SEEN_BY_ALL = /^\/subscriptions\/[^/]+(\/(providers(\/[^/]+)?|locations|operationresults\/.*)|\/providers\/.*operation(result|statuse|)s?\/.*)?\/?$/i;

function checkRights({ ownsSubscription }, { method, caller }, path) {
	if (ownsSubscription || /^\/subscriptions\/[^/]+\/resourceGroups\/./i.test(path) || (method === 'GET' && SEEN_BY_ALL.test(path))) return;
	const action = `${path.replace(/^\/subscriptions\/[^/]+\/(providers\/)?/i, '')}/${method === 'GET' ? 'read' : 'action'}`;
	refuse(403, 'AuthorizationFailed', `The client '${caller.upn ?? caller.oid}' with object id '${caller.oid}' does not have authorization to perform action '${action}' over scope '${path}' or the scope is invalid. If access was recently granted, please refresh your credentials.`);
}

/* What every id must refer to: this subscription, a namespace that is registered, a group and a parent that are there. */
function checkId(azure, question) {
	const { method, url } = question;
	const path = decodeURIComponent(url.pathname);
	const [, subscription, group] = /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?/i.exec(path) ?? [];
	if (!subscription) return;
	if (subscription !== azure.subscriptionId) refuse(404, 'SubscriptionNotFound', `The subscription '${subscription}' could not be found.`);
	checkRights(azure, question, path);
	const [, scope, namespace, root, rest] = /^(.*)\/providers\/([^/]+)\/([^/]+\/[^/]+)(\/.+)?$/i.exec(path) ?? [];
	if (namespace && !group) mustBeRegistered(azure, namespace);
	if (!namespace || !group) return;
	if (!azure.resources.get(`/subscriptions/${subscription}/resourceGroups/${group}`))
		refuse(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`);
	if (method === 'PUT') mustBeRegistered(azure, namespace);
	if (rest && !azure.resources.get(`${scope}/providers/${namespace}/${root}`))
		refuse(404, 'ParentResourceNotFound', `Can not perform requested operation on nested resource. Parent resource '${root.split('/')[1]}' not found.`);
	if (method === 'PUT' && /\/providers\//i.test(scope) && !azure.resources.get(scope))
		refuse(404, 'ResourceNotFound', `The Resource '${scope.split(/\/providers\//i)[1]}' under resource group '${group}' was not found.`);
}

export function service(azure) {
	azure.resources = new Resources();
	azure.operations = new Operations(azure);
	return { hosts: HOSTS, audience: AUDIENCE, before: (question) => checkId(azure, question), routes: PROVIDERS.flatMap((provider) => provider(azure)) };
}
