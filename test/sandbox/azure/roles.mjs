/*
 * Who may do what: role definitions, role assignments at any scope, and how long a new one is not believed.
 */
import { versioned } from './arm.mjs';
import { mustFit, refuse } from './refusal.mjs';

const VERSIONS = ['2022-04-01', '2022-05-01-preview'];
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const ROLES = new Map(Object.entries({
	'8e3af657-a8ff-443c-a75c-2fe8c4bcb635': 'Owner',
	'b24988ac-6180-42a0-ab88-20f7382dd24c': 'Contributor',
	'acdd72a7-3385-48ef-bd42-f606fba81ae7': 'Reader',
	'00482a5a-887f-4fb3-b363-3b7fe8e74483': 'Key Vault Administrator',
	'b86a8fe4-44ce-4948-aee5-eccb2c155cd7': 'Key Vault Secrets Officer',
	'4633458b-17de-408a-b874-0445c86b69e6': 'Key Vault Secrets User',
	'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
	'ba92f5b4-2d11-453d-a403-e96b0029c9fe': 'Storage Blob Data Contributor',
	'974c5e8b-45b9-4653-ba55-5f855dd0fb88': 'Storage Queue Data Contributor',
	'0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3': 'Storage Table Data Contributor',
	'3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
}));
const TYPE = 'Microsoft.Authorization/roleAssignments';
const SHAPE = { 'properties!': { 'roleDefinitionId!': 'string', 'principalId!': GUID, principalType: ['User', 'Group', 'ServicePrincipal', 'ForeignGroup', 'Device'],
	description: 'string', condition: 'string', conditionVersion: 'string', delegatedManagedIdentityResourceId: 'string', 'scope~': 'string' } };

const roleOf = (id) => /\/providers\/Microsoft\.Authorization\/roleDefinitions\/([^/]+)$/i.exec(id)?.[1].toLowerCase();
const without = (member) => (rest) => Object.fromEntries(Object.entries(rest).filter(([name]) => name !== member));

function checkPrincipal(azure, { principalId, principalType }) {
	const type = azure.principals.get(principalId) ?? refuse(400, 'PrincipalNotFound', `Principal ${principalId.replaceAll('-', '')} does not exist in the directory ${azure.tenantId}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group. See https://aka.ms/docs-principaltype`);
	if (principalType && principalType !== type) refuse(400, 'UnmatchedPrincipalType', `The PrincipalId '${principalId.replaceAll('-', '')}' has type '${type}', which is different from specified PrincipalType '${principalType}'.`);
	return type;
}

export function roles(azure) {
	const all = () => azure.resources.below('/subscriptions').filter(({ type }) => type === TYPE);
	const shown = without('unbelieved');
	const definition = ([name, roleName]) => ({ id: `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${name}`, name,
		type: 'Microsoft.Authorization/roleDefinitions', properties: { roleName, type: 'BuiltInRole', description: '', assignableScopes: ['/'], permissions: [] } });

	/* Whether a principal has one of the roles at the scope or above it.  Each question takes a new assignment nearer to being believed. */
	azure.may = (principalId, names, scope) => all().filter(({ properties }) => properties.principalId === principalId
		&& names.includes(ROLES.get(roleOf(properties.roleDefinitionId)))
		&& `${scope}/`.toLowerCase().startsWith(`${properties.scope}/`.toLowerCase())).some((one) => one.unbelieved-- <= 0);

	function put({ params: { scope, name }, json, caller }) {
		mustFit(json, SHAPE);
		const at = `/${scope}`;
		if (!azure.mayAssignRoles) refuse(403, 'AuthorizationFailed', `The client '${caller.upn ?? caller.oid}' with object id '${caller.oid}' does not have authorization to perform action '${TYPE}/write' over scope '${at}/providers/${TYPE}/${name}' or the scope is invalid. If access was recently granted, please refresh your credentials.`);
		if (!GUID.test(name)) refuse(400, 'InvalidRoleAssignmentId', `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`);
		const { roleDefinitionId, principalId } = json.properties;
		const role = roleOf(roleDefinitionId);
		if (!ROLES.has(role)) refuse(404, 'RoleDefinitionDoesNotExist', `The specified role definition with ID '${role}' does not exist.`);
		const principalType = checkPrincipal(azure, json.properties);
		const id = `${at}/providers/${TYPE}/${name}`;
		const is = (one) => one.properties.principalId === principalId && roleOf(one.properties.roleDefinitionId) === role;
		const there = azure.resources.get(id);
		if (there && !is(there)) refuse(400, 'RoleAssignmentUpdateNotPermitted', 'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.');
		const twin = all().find((one) => is(one) && one.id !== there?.id && one.properties.scope.toLowerCase() === at.toLowerCase());
		if (twin) refuse(409, 'RoleAssignmentExists', `The role assignment already exists. The ID of the existing role assignment is ${twin.name.replaceAll('-', '')}.`);
		const properties = { ...json.properties, principalType, scope: at };
		return { status: there ? 200 : 201, body: shown(azure.resources.put(id, { id, name, type: TYPE, properties, unbelieved: there?.unbelieved ?? azure.slowRoles })) };
	}

	const missing = ({ params }) => refuse(404, 'RoleAssignmentNotFound', `The role assignment '${params.name}' is not found.`);
	const idOf = ({ params }) => `/${params.scope}/providers/${TYPE}/${params.name}`;
	const get = (question) => ({ body: shown(azure.resources.get(idOf(question)) ?? missing(question)) });

	function remove(question) {
		const there = azure.resources.get(idOf(question));
		azure.resources.delete(idOf(question));
		return there ? { body: shown(there) } : { status: 204 };
	}

	/* At the scope, above it and, unless atScope() is asked for, below it. */
	function list({ params: { scope }, query }) {
		const filter = query('$filter') ?? '';
		const [, wanted] = /(?:principalId|assignedTo)[ (]+(?:eq )?'([^']+)'/.exec(filter) ?? [];
		const fits = ({ properties: { scope: its, principalId } }) => {
			const [a, b] = [`/${scope}/`.toLowerCase(), `${its}/`.toLowerCase()];
			return (a.startsWith(b) || (b.startsWith(a) && !filter.includes('atScope()'))) && (!wanted || principalId === wanted);
		};
		return { body: { value: all().filter(fits).map(shown) } };
	}

	const definitions = ({ query }) => {
		const [, wanted] = /roleName eq '([^']+)'/.exec(query('$filter') ?? '') ?? [];
		return { body: { value: [...ROLES].filter(([, name]) => !wanted || name === wanted).map(definition) } };
	};

	/* What whoever deploys may do: an owner's rights, or a contributor's. */
	const permissions = () => ({ body: { value: [{ actions: ['*'], notActions: azure.mayAssignRoles ? [] : ['Microsoft.Authorization/*/Write', 'Microsoft.Authorization/*/Delete'], dataActions: [], notDataActions: [] }] } });

	return versioned(VERSIONS, [
		['GET', '/{scope*}/providers/Microsoft.Authorization/permissions', permissions],
		['GET', `/{scope*}/providers/${TYPE}/{name}`, get],
		['PUT', `/{scope*}/providers/${TYPE}/{name}`, put],
		['DELETE', `/{scope*}/providers/${TYPE}/{name}`, remove],
		['GET', `/{scope*}/providers/${TYPE}`, list],
		['GET', '/{scope*}/providers/Microsoft.Authorization/roleDefinitions', definitions],
	]);
}
