/*
 * Who is asking, and the organization that they are of.
 */
import { notFound } from './directory.mjs';
import { listOf, oneOf } from './filter.mjs';
import { reading } from '../azure.mjs';
import { mustFit, refuse } from '../refusal.mjs';

export function people(azure) {
	const user = () => ({ id: azure.userId, displayName: 'A Developer', userPrincipalName: azure.userName, mail: azure.userName, businessPhones: [], givenName: null,
		jobTitle: null, mobilePhone: null, officeLocation: null, preferredLanguage: null, surname: null });
	const domains = () => azure.verifiedDomains.map((id, i) => ({ id, isDefault: i === 0, isInitial: i === 0, isVerified: true, isAdminManaged: true, authenticationType: 'Managed', supportedServices: [] }));
	const organization = () => ({ id: azure.tenantId, displayName: 'Contoso', tenantType: 'AAD',
		verifiedDomains: domains().map(({ id, isDefault, isInitial }) => ({ name: id, isDefault, isInitial, type: 'Managed', capabilities: '' })) });

	function me(question) {
		if (question.caller.idtyp !== 'user') refuse(400, 'BadRequest', '/me request is only valid with delegated authentication flow.');
		return oneOf(question, user());
	}

	function one(question) {
		const { id } = question.params;
		return oneOf(question, [azure.userId, azure.userName].includes(id) ? user() : notFound(id));
	}

	function byIds({ json }) {
		mustFit(json, { 'ids!': { list: 'string' }, types: { list: 'string' } }, { code: 'Request_BadRequest' });
		const principals = [...azure.directory.resources('servicePrincipals'), ...azure.directory.identities].map((resource) => ({ '@odata.type': '#microsoft.graph.servicePrincipal', ...resource }));
		const found = [{ '@odata.type': '#microsoft.graph.user', ...user() }, ...principals].filter(({ id }) => json.ids.includes(id));
		return { body: { value: found } };
	}

	return [
		[undefined, 'GET', '/me', me],
		['read', 'GET', '/users', (question) => listOf(question, [user()], ['userPrincipalName', 'mail', 'displayName', 'id'])],
		['read', 'GET', '/users/{id}', one],
		['read', 'GET', '/organization', (question) => listOf(question, [organization()], [])],
		['read', 'GET', '/domains', (question) => listOf(question, domains(), [])],
		['read', 'POST', '/directoryObjects/getByIds', reading(byIds)],
	];
}
