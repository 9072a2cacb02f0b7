/*
 * preauth.json: the client applications that may call without a consent of their own.  With
 * MCP_CLIENT_ID, which is always one of them, it makes the registration's preAuthorizedApplications, the gateway's client-application-ids and the
 * handler's ALLOWED_CLIENT_IDS, so that the three cannot differ.
 */
import { readFileSync } from 'node:fs';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function readEntry(entry, where, problems) {
	const ids = entry?.delegatedPermissionIds ?? entry?.permissionIds; /* v1.0; beta and old manifests */
	const appId = String(entry?.appId ?? '').toLowerCase();
	const scopeIds = Array.isArray(ids) ? ids.map((id) => String(id).toLowerCase()) : [];
	if (!GUID.test(appId)) problems.push(`${where}: appId is not a GUID.`);
	if (!scopeIds.length || !scopeIds.every((id) => GUID.test(id)))
		problems.push(`${where}: delegatedPermissionIds is not a list of the scope's id (a GUID).`);
	return { appId, delegatedPermissionIds: scopeIds };
}

/* {clients, scopeId, problems} of the text of preauth.json.  clients: [{appId,
 * delegatedPermissionIds}], as version 1.0 of Microsoft Graph wants them; scopeId: of our scope. */
export function checkPreauth(text) {
	let document;
	try {
		document = JSON.parse(text);
	} catch (error) {
		return { problems: [`preauth.json is not JSON: ${error.message}`] };
	}
	const entries = document?.api?.preAuthorizedApplications;
	if (!Array.isArray(entries) || !entries.length)
		return { problems: ['preauth.json lists no client in api.preAuthorizedApplications.'] };
	const problems = [];
	const clients = entries.map((entry, i) => readEntry(entry, `preauth.json, client ${i + 1}`, problems));
	const ids = clients.map(({ appId }) => appId);
	const twice = ids.filter((id, i) => ids.indexOf(id) !== i);
	if (twice.length) problems.push(`preauth.json lists ${twice[0]} twice.`);
	const scopes = [...new Set(clients.flatMap((client) => client.delegatedPermissionIds))];
	if (!problems.length && scopes.length !== 1)
		problems.push('preauth.json names more than one scope; this API has one.');
	return problems.length ? { problems } : { clients, scopeId: scopes[0], problems };
}

export function readPreauth(path) {
	let text;
	try {
		text = readFileSync(path, 'utf8');
	} catch {
		return { problems: [`${path} cannot be read; copy apim/preauth.example.json and put your clients in.`] };
	}
	return checkPreauth(text);
}

/* The same clients, and the public client of the settings where there is one. */
export function withPublicClient({ clients, scopeId, problems }, mcpClientId) {
	const lacks = mcpClientId && clients && !clients.some(({ appId }) => appId === mcpClientId);
	return { scopeId, problems,
		clients: lacks ? [...clients, { appId: mcpClientId, delegatedPermissionIds: [scopeId] }] : clients };
}
