/*
 * Azure Resource Manager: the resources of one subscription by their ids, who may refer to what, and the
 * operations that go on after an answer.  Each provider is a module of its own.
 */
import { refuse } from './refusal.mjs';
import { groups } from './groups.mjs';

const HOSTS = /^management\.(azure\.com|usgovcloudapi\.net|chinacloudapi\.cn)$/;
const AUDIENCE = /^https:\/\/management\.(azure\.com|core\.windows\.net|usgovcloudapi\.net|core\.usgovcloudapi\.net|chinacloudapi\.cn|core\.chinacloudapi\.cn)\/?$/;
const PROVIDERS = [groups];

/* The resources by id, letters in either case being one. */
class Resources {
	#byId = new Map();

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

	/* Those whose id begins so. */
	below(prefix) {
		return [...this.#byId].filter(([id]) => id.startsWith(`${prefix.toLowerCase()}/`)).map(([, resource]) => resource);
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

export function service(azure) {
	azure.resources = new Resources();
	azure.operations = new Operations(azure);
	return { hosts: HOSTS, audience: AUDIENCE, routes: PROVIDERS.flatMap((provider) => provider(azure)) };
}
