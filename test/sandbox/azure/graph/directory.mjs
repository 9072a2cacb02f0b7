/*
 * The tenant's directory: applications, service principals, consents and what was deleted.  Entra keeps
 * copies of it that learn of a new object late: until then whoever asks for the object, or for another
 * that refers to it, hears that there is none (azure.slowDirectory times); lists show it at once.
 */
import { randomUUID } from 'node:crypto';
import { GRAPH_APP_ID, publishedByMicrosoft } from './published.mjs';
import { refuse } from '../refusal.mjs';

export function notFound(id) {
	refuse(404, 'Request_ResourceNotFound', `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`);
}

/* An object with what Graph does not show: {resource, unknown (how often it is not there yet), owner, secrets,
 * federated}. */
export class Directory {
	applications = new Map();	/* by object id, as the rest */
	servicePrincipals = new Map();
	grants = new Map();
	deleted = new Map();	/* {kind, record} of applications and service principals */

	constructor(azure) {
		this.azure = azure;
		const graph = publishedByMicrosoft();
		this.servicePrincipals.set(graph.id, { resource: graph, unknown: 0 });
	}

	add(kind, resource, more = {}) {
		const record = { resource: { id: randomUUID(), ...resource }, unknown: this.azure.slowDirectory, ...more };
		this[kind].set(record.resource.id, record);
		return record;
	}

	/* One by its object id or, where the question says so, its client id; refused while it is unknown. */
	find(kind, { id, appId }) {
		const record = id ? this[kind].get(id) : this.ofApp(kind, appId);
		return this.#known(record) ? record : notFound(id ?? appId);
	}

	/* By client id, at once. */
	ofApp(kind, appId) {
		return [...this[kind].values()].find(({ resource }) => resource.appId === appId);
	}

	/* The same for who makes an object that refers to it: undefined while it is unknown. */
	reference(kind, { id, appId }) {
		const record = id ? this[kind].get(id) : this.ofApp(kind, appId);
		return this.#known(record) ? record : undefined;
	}

	#known(record) {
		return record !== undefined && record.unknown-- <= 0;
	}

	resources(kind) {
		return [...this[kind].values()].map(({ resource }) => resource);
	}

	get graph() {
		return this.ofApp('servicePrincipals', GRAPH_APP_ID).resource;
	}

	/* The service principals that other services make: of managed identities, and of the pipeline that signs in. */
	get identities() {
		const { client, principals } = this.azure;
		const made = [...principals].filter(([id, type]) => type === 'ServicePrincipal' && !this.servicePrincipals.has(id)).map(([id]) => id);
		return made.map((id) => ({ id, ...(id === client.oid ? { appId: client.id, displayName: 'A pipeline', servicePrincipalType: 'Application', servicePrincipalNames: [client.id] }
			: { appId: null, displayName: 'A managed identity', servicePrincipalType: 'ManagedIdentity', servicePrincipalNames: [] }), accountEnabled: true, oauth2PermissionScopes: [], tags: [] }));
	}

	/* With an application go its service principal and what that was granted. */
	removeApplication(record) {
		const { id, appId } = record.resource;
		this.applications.delete(id);
		this.deleted.set(id, { kind: 'applications', record });
		const principal = this.ofApp('servicePrincipals', appId);
		if (principal) this.removePrincipal(principal);
	}

	removePrincipal(record) {
		const { id } = record.resource;
		this.servicePrincipals.delete(id);
		this.azure.principals.delete(id);
		this.deleted.set(id, { kind: 'servicePrincipals', record });
		for (const [key, { resource }] of this.grants)
			if ([resource.clientId, resource.resourceId].includes(id)) this.grants.delete(key);
	}
}
