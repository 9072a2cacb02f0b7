/*
 * What the API's registration lacks, as the body of a PATCH; undefined: nothing.  Graph replaces an array
 * whole, so that what is there is sent along.  Talks to nobody.
 */
export const GRAPH = '00000003-0000-0000-c000-000000000000';
const USER_READ = 'e1fe6dd8-ba31-4d61-89e7-88639da4683d';

function ourScope(id, name) {
	const words = 'Call Microsoft Graph as the signed-in user';
	return { id, value: name, type: 'User', isEnabled: true, adminConsentDisplayName: words,
		adminConsentDescription: `${words}, through this API.`, userConsentDisplayName: words,
		userConsentDescription: `${words}, through this API.` };
}

/* What a registration asks of Microsoft Graph: [{id, type}]. */
export const graphAccess = ({ requiredResourceAccess: all = [] }) => all.find(({ resourceAppId }) => resourceAppId === GRAPH)?.resourceAccess ?? [];

/* requiredResourceAccess with some ids of delegated permissions more and some less; undefined: it is so. */
export function withGraph(application, { add, drop = [] }) {
	const current = graphAccess(application);
	const kept = current.filter(({ id }) => !drop.includes(id));
	const missing = add.filter((id) => !current.some((one) => one.id === id));
	if (!missing.length && kept.length === current.length) return undefined;
	return [...(application.requiredResourceAccess ?? []).filter(({ resourceAppId }) => resourceAppId !== GRAPH),
		{ resourceAppId: GRAPH, resourceAccess: [...kept, ...missing.map((id) => ({ id, type: 'Scope' }))] }];
}

/* Version 2 tokens, the scope, the identifier by the client id and what we ask of Graph.  Throws where the scope has another id
 * than the clients of preauth.json refer to. */
export function apiPatch(application, { scopeId, scopeName }) {
	const scopes = application.api?.oauth2PermissionScopes ?? [];
	const same = scopes.find(({ value }) => value === scopeName);
	if (same && same.id !== scopeId) throw new Error(`The registration's scope ${scopeName} has the id ${same.id}, which preauth.json does not name.`);
	const own = `api://${application.appId}`;
	const uris = application.identifierUris ?? [];
	const access = withGraph(application, { add: [USER_READ] });
	const patch = {
		...((!same || application.api.requestedAccessTokenVersion !== 2) && { api: { requestedAccessTokenVersion: 2,
			oauth2PermissionScopes: same ? scopes : [...scopes, ourScope(scopeId, scopeName)] } }),
		...(!uris.includes(own) && { identifierUris: [...uris, own] }),
		...(access && { requiredResourceAccess: access }),
	};
	return Object.keys(patch).length ? patch : undefined;
}

/* For a call of its own: what stands beside it would be refused with it. */
export function identifierPatch({ identifierUris: uris = [] }, resource) {
	return uris.includes(resource) ? undefined : { identifierUris: [...uris, resource] };
}

/* For a call after that of the scope, which these clients refer to: they and no others. */
export function preauthPatch({ api }, clients) {
	const flat = (list) => list.flatMap(({ appId, delegatedPermissionIds }) => delegatedPermissionIds.map((id) => `${appId} ${id}`)).sort().join();
	return flat(api?.preAuthorizedApplications ?? []) === flat(clients) ? undefined : { api: { preAuthorizedApplications: clients } };
}

/* The application as it is after a PATCH. */
export const patched = (application, patch) => ({ ...application, ...patch, api: { ...application.api, ...patch.api } });
