/*
 * What Entra demands of an application beyond its shape, held against what it was before.
 */
import { refuse } from '../refusal.mjs';

const REDIRECT_URIS_MAX = 256;
const URI_MAX = 256; /* characters of a redirect URI */
const LOOPBACK = /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?(\/|$)/;
const PLATFORMS = ['publicClient', 'web', 'spa'];

function invalid(property, message, code = 'InvalidValue') {
	refuse(400, code, message, { details: [{ code, target: property, message }] });
}

const domainOf = (uri) => URL.canParse(uri) ? new URL(uri).hostname : '';
const isOf = (domain) => (verified) => domain === verified || domain.endsWith(`.${verified}`);

/* Whether Entra lets the application have it.  Reference "Restrictions on identifier URIs": the tenant's domains, the default api://
 * forms, and anything that the application's tokens of version 2 do not show. */
function allows({ verifiedDomains, tenantId, refusesIdentifiers }, { appId, api }, uri) {
	const [, host] = /^api:\/\/([^/]+)/.exec(uri) ?? [];
	if (host && [appId, tenantId].includes(host)) return true;
	if (verifiedDomains.some(isOf(host ?? domainOf(uri)))) return true;
	return api.requestedAccessTokenVersion === 2 && !refusesIdentifiers;
}

function checkIdentifiers(azure, before, { id, identifierUris }) {
	for (const uri of identifierUris.filter((one) => !before.identifierUris.includes(one))) {
		if (!/^(https?|api|urn|ms-appx|spn):\S+$/.test(uri) || uri.endsWith('/'))
			invalid('identifierUris', `Property identifierUris is invalid: '${uri}' is no URI that an application may have.`);
		if (!allows(azure, before, uri))
			invalid('identifierUris', `Values of identifierUris property must use a verified domain of the organization or its subdomain: '${uri}'`, 'HostNameNotOnVerifiedDomain');
		if (azure.directory.resources('applications').some((other) => other.id !== id && other.identifierUris.includes(uri)))
			invalid('identifierUris', 'Another object with the same value for property identifierUris already exists.', 'ObjectConflict');
	}
	if (new Set(identifierUris).size !== identifierUris.length) invalid('identifierUris', 'Property identifierUris contains a value twice.');
}

function checkRedirect(platform, uri) {
	const property = `${platform}.redirectUris`;
	const scheme = /^([a-z][\w+.-]*):\S+$/i.exec(uri)?.[1].toLowerCase();
	const web = scheme === 'https' || LOOPBACK.test(uri);
	const fits = platform === 'publicClient' ? web || (scheme && scheme !== 'http') : web;
	if (!fits || uri.includes('#') || uri.includes('[') || uri.length > URI_MAX)
		invalid(property, `One or more of the specified redirect URIs is not valid: '${uri}'.`);
}

function checkRedirects(application) {
	const all = PLATFORMS.flatMap((platform) => application[platform].redirectUris.map((uri) => [platform, uri]));
	all.forEach(([platform, uri]) => checkRedirect(platform, uri));
	const uris = all.map(([, uri]) => uri);
	const twice = uris.find((uri, i) => uris.indexOf(uri) !== i);
	if (twice) invalid('redirectUris', `The redirect URI '${twice}' is registered twice; it can be of one platform only.`);
	if (all.length > REDIRECT_URIS_MAX) invalid('redirectUris', `An application has at most ${REDIRECT_URIS_MAX} redirect URIs.`);
}

/* A scope that clients may hold ends in two steps: disabled, then removed or changed. */
function checkScopes(before, { api: { oauth2PermissionScopes: scopes, requestedAccessTokenVersion } }) {
	for (const old of before.api.oauth2PermissionScopes.filter(({ isEnabled }) => isEnabled)) {
		const kept = scopes.find(({ id }) => id === old.id);
		if (!kept || kept.value !== old.value)
			refuse(400, 'CannotDeleteOrUpdateEnabledEntitlement', 'Permission (scope or role) cannot be deleted or updated unless disabled first.');
	}
	for (const name of ['id', 'value'])
		if (new Set(scopes.map((one) => one[name])).size !== scopes.length) invalid('api.oauth2PermissionScopes', `Property api.oauth2PermissionScopes has a ${name} twice.`, 'DuplicateValue');
	const bare = scopes.find(({ value, adminConsentDisplayName, adminConsentDescription }) => !value || !adminConsentDisplayName || !adminConsentDescription);
	if (bare) invalid('api.oauth2PermissionScopes', 'Property api.oauth2PermissionScopes has a scope without value, adminConsentDisplayName or adminConsentDescription.');
	if (![null, 1, 2].includes(requestedAccessTokenVersion)) invalid('api.requestedAccessTokenVersion', 'Property api.requestedAccessTokenVersion is invalid.');
}

/* Against the scopes that were there before: those of the same request are not known yet. */
function checkPreAuthorized(before, { api: { preAuthorizedApplications: clients, oauth2PermissionScopes: scopes } }) {
	const property = 'api.preAuthorizedApplications';
	const known = before.api.oauth2PermissionScopes.map(({ id }) => id).filter((one) => scopes.some(({ id }) => id === one));
	if (clients.some(({ delegatedPermissionIds = [] }) => !delegatedPermissionIds.length || delegatedPermissionIds.some((id) => !known.includes(id))))
		invalid(`${property}.delegatedPermissionIds`, 'Property api.preAuthorizedApplications.delegatedPermissionIds has a Permission Id that cannot be found in the AppPermissions sets.');
	if (new Set(clients.map(({ appId }) => appId)).size !== clients.length) invalid(property, 'Property api.preAuthorizedApplications has an application twice.');
}

function checkAccess({ requiredResourceAccess }) {
	const names = requiredResourceAccess.map(({ resourceAppId }) => resourceAppId);
	if (new Set(names).size !== names.length) invalid('requiredResourceAccess', 'Property requiredResourceAccess has a resource twice.');
	for (const { resourceAccess = [] } of requiredResourceAccess)
		if (!resourceAccess.length) invalid('requiredResourceAccess', 'Property requiredResourceAccess has a resource without permissions.');
}

export function checkApplication(azure, before, application) {
	checkScopes(before, application);
	checkPreAuthorized(before, application);
	checkIdentifiers(azure, before, application);
	checkRedirects(application);
	checkAccess(application);
}
