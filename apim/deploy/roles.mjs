/*
 * Who may do what: role assignments, whose names follow from what they say, so that none is made twice.
 */
import { createHash } from 'node:crypto';

const ROLES_VERSION = '2022-04-01';

/* Microsoft's own ids: "Azure built-in roles". */
const ROLES = {
	'Key Vault Secrets Officer': 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
	'Key Vault Secrets User': '4633458b-17de-408a-b874-0445c86b69e6',
	'Storage Blob Data Owner': 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
};

function guidOf(...parts) {
	const hex = createHash('sha256').update(parts.join('\n').toLowerCase()).digest('hex');
	return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}

/* A principal that was made a moment ago is not known everywhere. */
const principalIsNew = ({ code }) => code === 'PrincipalNotFound';

/* grant: {scope, principalId (undefined: it is not made yet, --what-if), principalType, role, who (for the words)}.  Whoever has
 * the role there, by whatever assignment, gets no second one. */
export async function grant({ run, arm, ids, known }, { scope, principalId, principalType, role, who }) {
	const definition = `${ids.subscription}/providers/Microsoft.Authorization/roleDefinitions/${ROLES[role]}`;
	const label = `${role} for ${who}`;
	const there = principalId ? await arm.list({ label, path: `${scope}/providers/Microsoft.Authorization/roleAssignments`, version: ROLES_VERSION,
		query: `$filter=${encodeURIComponent(`principalId eq '${principalId}'`)}` }) : [];
	if (there.some(({ properties }) => properties.principalId === principalId && properties.roleDefinitionId.toLowerCase().endsWith(ROLES[role]))) return;
	if (role === 'Key Vault Secrets Officer') known.vaultRightIsNew = true;
	await run.change('create', label, () => arm.write({ label, path: `${scope}/providers/Microsoft.Authorization/roleAssignments/${guidOf(scope, principalId, role)}`,
		version: ROLES_VERSION, patience: principalIsNew, body: { properties: { roleDefinitionId: definition, principalId, principalType } } }));
}

/* Who deploys writes the vault's secrets. */
export function grantDeployer(it) {
	const { account, known } = it;
	return grant(it, { scope: known.vaultId, principalId: account.objectId, principalType: account.userType === 'user' ? 'User' : 'ServicePrincipal',
		role: 'Key Vault Secrets Officer', who: account.userName });
}

export const grantIdentity = (it, { scope, principalId, role, who }) => grant(it, { scope, principalId, principalType: 'ServicePrincipal', role, who });
