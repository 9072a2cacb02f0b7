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
	for (const [resource, names] of permissions) {
		const { grant, scopes, resourceId } = await granted(directory, { principal, resource, label });
		const missing = names.filter((name) => !scopes.includes(name));
		if (!missing.length) continue;
		const scope = [...scopes, ...missing].join(' ');
		await run.change(grant ? 'change' : 'create', `${label}: ${missing.join(' ')}`, () => (grant
			? directory.ask(`/oauth2PermissionGrants/${grant.id}`, { method: 'PATCH', body: { scope }, label })
			: directory.make('/oauth2PermissionGrants', { clientId: principal.id, consentType: 'AllPrincipals', resourceId, scope }, label)));
	}
}

/* What all users' consent to a resource is: the grant (undefined: none) and its scopes. */
async function granted(directory, { principal, resource, label }) {
	const { id: resourceId } = await directory.principalOf(resource, label) ?? {};
	const all = principal ? await directory.list('/oauth2PermissionGrants', `clientId eq '${principal.id}'`, label) : [];
	const grant = all.find((one) => one.consentType === 'AllPrincipals' && one.resourceId === resourceId);
	return { grant, resourceId, scopes: grant?.scope.split(' ').filter(Boolean) ?? [] };
}

async function grantedOfGraph({ directory }, { appId, label: whose }) {
	const label = `consent for all users of ${whose}`;
	return { label, ...await granted(directory, { principal: await directory.principalOf(appId, label), resource: GRAPH, label }) };
}

/* The scopes of Microsoft Graph that all users' consent holds; none where nobody lets us see. */
export async function consentedTo(it, registration) {
	try {
		return (await grantedOfGraph(it, registration)).scopes;
	} catch (error) {
		if (!isDenied(error)) throw error;
		return [];
	}
}

/* Takes some of them out of it.  false: that is left to an administrator. */
export async function withdraw(it, registration, names) {
	try {
		const { grant, scopes, label } = await grantedOfGraph(it, registration);
		const left = scopes.filter((name) => !names.includes(name));
		if (left.length < scopes.length) await it.run.change('change', `${label}: without ${names.join(' ')}`,
			() => it.directory.ask(`/oauth2PermissionGrants/${grant.id}`, { method: 'PATCH', body: { scope: left.join(' ') }, label }));
		return true;
	} catch (error) {
		if (!isDenied(error)) throw error;
		it.run.skip(`Consent to ${names.join(' ')} for all users of ${registration.label} is needed no more, and left to an administrator to take back: Microsoft Entra, Enterprise applications, Permissions. Then run it again.`);
		return false;
	}
}

export const ofApi = ({ graphPermissions = [] } = {}) => [[GRAPH, [...new Set(['User.Read', ...graphPermissions])]]];
export const ofClients = (clientId, scope) => [[clientId, [scope]], [GRAPH, ['offline_access']]];
