/*
 * What a registration is in this tenant, its service principal, and the consent to what it asks for, for all
 * users.  Where only an administrator may give that, the deployment goes on and says by which link.
 */
import { GRAPH } from './application.mjs';
import { isDenied } from './directory.mjs';

/* Makes both, where they are missing.  permissions: [[client id of the resource, its scopes]].  Leaves known.consentWaits where nobody may
 * be able to call yet. */
export async function admit(it, registration, permissions) {
	const { run, options, cloud, account, known } = it;
	const scopes = permissions.flatMap(([, names]) => names).join(' ');
	try {
		const principal = await principalOf(it, registration);
		if (options.ADMIN_CONSENT === 'yes') await consent(it, { registration, principal, permissions });
		else known.consentWaits = true;
	} catch (error) {
		if (!isDenied(error)) throw error;
		const link = `https://${cloud.login}/${account.tenantId}/adminconsent?client_id=${registration.appId}`;
		known.consentWaits = true;
		run.skip(`Consent to ${scopes} for all users of ${registration.label} is left to an administrator: ${link}`);
	}
}

/* undefined with --what-if, where there is none yet. */
async function principalOf({ run, directory }, { appId, label: whose, content, given }) {
	const label = `service principal of ${whose}`;
	const there = content || given ? await directory.principalOf(appId, label) : undefined;
	if (there) return there;
	const made = await run.change('create', label, () => directory.makePrincipal(appId, label));
	return made?.id ? made : directory.principalOf(appId, label);
}

async function consent({ run, directory }, { registration, principal, permissions }) {
	const label = `consent for all users of ${registration.label}`;
	const granted = principal ? await directory.list('/oauth2PermissionGrants', `clientId eq '${principal.id}'`, label) : [];
	for (const [resource, names] of permissions) {
		const { id: resourceId } = await directory.principalOf(resource, label) ?? {};
		const there = granted.find((one) => one.consentType === 'AllPrincipals' && one.resourceId === resourceId);
		const scopes = there?.scope.split(' ').filter(Boolean) ?? [];
		const missing = names.filter((name) => !scopes.includes(name));
		if (!missing.length) continue;
		const scope = [...scopes, ...missing].join(' ');
		await run.change(there ? 'change' : 'create', `${label}: ${missing.join(' ')}`, () => (there
			? directory.ask(`/oauth2PermissionGrants/${there.id}`, { method: 'PATCH', body: { scope }, label })
			: directory.make('/oauth2PermissionGrants', { clientId: principal.id, consentType: 'AllPrincipals', resourceId, scope }, label)));
	}
}

export const ofApi = () => [[GRAPH, ['User.Read']]];
export const ofClients = (clientId, scope) => [[clientId, [scope]], [GRAPH, ['offline_access']]];
