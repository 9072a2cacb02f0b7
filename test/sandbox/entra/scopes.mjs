/*
 * What a "scope" asks for: permissions of one resource (or, at authorize, of several), beside those
 * of OpenID Connect, and how a "resource" parameter must agree with it.
 */
import { Refusal } from './answers.mjs';
import { OIDC_SCOPES } from './directory.mjs';

/* "api://id/name" is {prefix: "api://id", name}; a bare name has no prefix. */
function split(item) {
	const cut = item.lastIndexOf('/');
	return cut < 0 ? { name: item } : { prefix: item.slice(0, cut), name: item.slice(cut + 1) };
}

/* The resource parameter and every scope's prefix are the same to the byte. */
function checkResource(resource, wanted) {
	if (resource !== undefined && (wanted.length === 0 || wanted.some(({ prefix }) => prefix !== resource)))
		throw new Refusal(9010010);
}

/* The {resource, prefix, name} permissions behind one item: ".default" stands for those that are
 * registered for the application. */
function permissionsOf(directory, application, { prefix, name }) {
	const resource = prefix === undefined ? directory.graph : directory.resource(prefix);
	if (!resource)
		throw new Refusal(500011, `'${prefix}'.`);
	if (name === '.default') {
		const names = application.permissions[resource.clientId];
		if (!names)
			throw new Refusal(650057, `Resource: ${resource.clientId}.`);
		return names.map((one) => ({ resource, prefix, name: one }));
	}
	if (!resource.scopes.includes(name))
		throw new Refusal(650053, `The application '${application.name}' asked for scope '${name}' that `
			+ `doesn't exist on the resource '${resource.clientId}'.`);
	return [{ resource, prefix, name }];
}

/* Reads a scope: {permissions (of the first resource), oidc (names), asked (everything to consent to),
 * resources (how many)}.  Throws a Refusal. */
export function readScope(directory, application, { scope, resource }) {
	const items = scope.split(' ').filter(Boolean);
	const oidc = items.filter((item) => OIDC_SCOPES.includes(item));
	const wanted = items.filter((item) => !OIDC_SCOPES.includes(item)).map(split);
	checkResource(resource, wanted);
	if (wanted.length > 1 && wanted.some(({ name }) => name === '.default'))
		throw new Refusal(70011, '.default scope can\'t be combined with resource-specific scopes.');
	const all = wanted.flatMap((item) => permissionsOf(directory, application, item));
	const first = all[0]?.resource ?? directory.graph;
	const asked = [...all, ...oidc.map((name) => ({ resource: directory.graph, name }))];
	return { oidc, asked, permissions: all.filter((one) => one.resource === first),
		resources: new Set(all.map((one) => one.resource)).size };
}

/* The scope text of an answer: full names; OpenID's only beside Graph's, whose they are. */
export function echoOf(directory, { permissions, oidc }) {
	const named = permissions.map(({ prefix, name }) =>
		`${prefix ?? directory.graph.identifierUris[0]}/${name}`);
	const graph = permissions.every(({ resource }) => resource === directory.graph);
	return [...named, ...(graph ? oidc : [])].join(' ');
}
