/*
 * The sandbox's Entra as the played Azure's directory has it: the registrations that a deployment made, and no
 * others.
 */
import { startEntra } from '../../../sandbox/entra/entra.mjs';
import { GRAPH_ID } from '../../../sandbox/entra/directory.mjs';

const enabled = (scopes) => scopes.filter(({ isEnabled }) => isEnabled);

/* What the sandbox registers, of an application as Microsoft Graph has it; scopesOf(client id): what that resource publishes. */
function registrationOf({ resource, secrets }, scopesOf) {
	const { appId, displayName, identifierUris, api, publicClient, web, spa, requiredResourceAccess } = resource;
	const own = enabled(api.oauth2PermissionScopes);
	const names = (ids, scopes) => scopes.filter(({ id }) => ids.includes(id)).map(({ value }) => value);
	return { clientId: appId, name: displayName, secret: secrets.at(-1)?.secretText, identifierUris, tokenVersion: api.requestedAccessTokenVersion ?? 1, scopes: own.map(({ value }) => value),
		publicClient: publicClient.redirectUris, web: web.redirectUris, spa: spa.redirectUris,
		preAuthorized: Object.fromEntries(api.preAuthorizedApplications.map((client) => [client.appId, names(client.delegatedPermissionIds, own)])),
		permissions: Object.fromEntries(requiredResourceAccess.map((one) => [one.resourceAppId, names(one.resourceAccess.map(({ id }) => id), scopesOf(one.resourceAppId))])) };
}

/* The consents of the whole tenant: [{clientId, resourceId (client ids), scopes}]. */
function consentsOf({ servicePrincipals, grants }) {
	const appIdOf = (id) => servicePrincipals.get(id).resource.appId;
	return [...grants.values()].map(({ resource }) => resource).filter(({ consentType }) => consentType === 'AllPrincipals')
		.map(({ clientId, resourceId, scope }) => ({ clientId: appIdOf(clientId), resourceId: appIdOf(resourceId), scopes: scope.split(' ').filter(Boolean) }));
}

function enterConsents({ directory }, consents) {
	for (const { clientId, resourceId, scopes } of consents) {
		const [client, resource] = [directory.find(clientId), directory.find(resourceId)];
		if (client && resource) directory.consent(client, scopes.map((name) => ({ resource, name })));
	}
}

/* {record: of the API that users are exchanged for, others} of the applications that are the tenant's: those with a service principal. */
function applicationsOf({ directory }, clientId) {
	const there = [...directory.applications.values()].filter(({ resource }) => directory.ofApp('servicePrincipals', resource.appId));
	const record = there.find(({ resource }) => resource.appId === clientId);
	if (!record) throw new Error(`the tenant has no application ${clientId}`);
	return { record, others: there.filter((one) => one !== record) };
}

/* Lets an Entra know the applications and consents that azure.directory holds, and no other applications. */
export function enterRegistered(azure, entra) {
	const { directory } = azure;
	const scopesOf = (appId) => enabled(directory.ofApp('applications', appId)?.resource.api.oauth2PermissionScopes
		?? directory.ofApp('servicePrincipals', appId)?.resource.oauth2PermissionScopes ?? []);
	const { record, others } = applicationsOf(azure, entra.clientId);
	entra.directory.replace(...[record, ...others].map((one) => registrationOf(one, scopesOf)));
	enterConsents(entra, consentsOf(directory));
}

/* An Entra that knows what azure.directory holds; clientId: of the API, whose users it exchanges. */
export async function startRegistered(azure, clientId) {
	const { record } = applicationsOf(azure, clientId);
	const ofApi = consentsOf(azure.directory).filter((one) => one.clientId === clientId && one.resourceId === GRAPH_ID);
	const entra = await startEntra({ tenantId: azure.tenantId, clientId, clientSecret: record.secrets.at(-1)?.secretText ?? `none ${Math.random()}`,
		delegated: ofApi.flatMap(({ scopes }) => scopes) });
	enterRegistered(azure, entra);
	/* The issuer in what is stored is the real one; that of the sandbox's tokens is at its own address. */
	for (const { issuer, subject, audiences: [audience] } of record.federated)
		entra.trustFederation({ issuer: issuer.replace(/^https:\/\/login\.[^/]+/, entra.url), subject, audience });
	return entra;
}
