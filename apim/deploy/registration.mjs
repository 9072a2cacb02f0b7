/*
 * The two registrations in Microsoft Entra: the API's own, and the public client that MCP clients sign in with.
 *
 * Takes known.APIM_GATEWAY_URL, known.siteId and known.graphPermissions; leaves in known CLIENT_ID, MCP_CLIENT_ID ('': none), MCP_IDENTIFIER (yes or no, what came
 * of the option) and api (the registration, see directory.mjs).
 */
import { readPreauth, withPublicClient } from '../preauth.mjs';
import { publicClientPatch, redirectPatch } from '../public_client.mjs';
import { settingOf } from '../settings.mjs';
import { apiPatch, identifierPatch, preauthPatch } from './application.mjs';
import { admit, ofApi, ofClients } from './consent.mjs';
import { Directory, isDenied } from './directory.mjs';
import { readSettings } from './functions.mjs';
import { Refused } from './http.mjs';
import { Stop } from './run.mjs';
import { toolPermissions } from './tool_permissions.mjs';

/* In the place of client ids that --what-if cannot know yet. */
const TO_BE = { api: '00000000-0000-0000-0000-000000000000', clients: '00000000-0000-0000-0000-000000000001' };
const TO_ASK = 'Ask an administrator for the directory role Application Developer (a pipeline: for Application.ReadWrite.OwnedBy of Microsoft Graph); or have '
	+ 'registrations made as docs/gateway.md lists them under "What to register", and give their client ids: CLIENT_ID, and MCP_CLIENT_ID or MCP_SIGN_IN=no.';

/* By which a removal knows that it was made here; other deployments of the same NAME have another. */
const tagOf = ({ names }) => `made-by:${names.gateway}`;

export async function registration(it) {
	const { run, options, known } = it;
	run.say(`Registration ${options.NAME} in Microsoft Entra`);
	it.directory = new Directory(it);
	/* What stops this step leaves the steps after it something to look at with --what-if. */
	Object.assign(known, { api: { label: `registration ${options.NAME}` }, CLIENT_ID: TO_BE.api, MCP_CLIENT_ID: '', MCP_IDENTIFIER: 'no' });
	const preauth = readPreauth(options.PREAUTH);
	if (preauth.problems.length) throw new Stop(preauth.problems.join('\n'));
	const { scopeId } = preauth;
	const scopeName = settingOf(it.settings(), 'REQUIRED_SCOPE');
	const api = await obtain(it, { name: options.NAME, appId: options.CLIENT_ID, placeholder: TO_BE.api });
	Object.assign(known, { api, CLIENT_ID: api.appId });
	/* The scope first: the clients below refer to it, and the identifier needs version 2 tokens. */
	await change(it, api, 'version 2 tokens, the scope, Microsoft Graph', (content) => apiPatch(content, { scopeId, scopeName }));
	known.MCP_IDENTIFIER = await identifier(it, api);
	const client = options.MCP_SIGN_IN === 'yes' ? await publicClient(it, scopeId) : undefined;
	known.MCP_CLIENT_ID = client?.appId ?? '';
	const { clients } = withPublicClient(preauth, known.MCP_CLIENT_ID);
	await change(it, api, 'the clients of preauth.json', (content) => preauthPatch(content, clients));
	const tools = await toolPermissions(it, api);
	if (tools) await change(it, api, tools.what, tools.patchOf);
	await admit(it, api, ofApi(known));
	if (client) await admit(it, client, ofClients(api.appId, scopeName));
}

/* Stops, or with --what-if says that it would. */
function stopped({ run }, stop) {
	if (!run.whatIf) throw stop;
	run.hindrances.push(stop);
}

/* The registration, found or made. */
async function obtain(it, { name, appId, placeholder, more }) {
	const { run, directory } = it;
	const label = `registration ${appId || name}`;
	const one = { label, appId: appId.toLowerCase(), given: Boolean(appId) };
	try {
		one.content = await directory.find({ name, appId: one.appId, label })
			?? await run.change('create', label, () => directory.create({ displayName: name, signInAudience: 'AzureADMyOrg', tags: [tagOf(it)], ...more }, label));
	} catch (error) {
		if (!isDenied(error)) throw error;
		if (one.given) run.skip(`${label} may not be read: see to it that it has what docs/gateway.md lists under "What to register".`);
		else stopped(it, Object.assign(error, { advice: TO_ASK }));
	}
	return { ...one, appId: one.content?.appId ?? (one.appId || placeholder) };
}

/* One that was given may be somebody else's to change. */
async function change(it, one, what, patchOf) {
	try {
		await it.directory.change(one, what, (content) => wellFormed(() => patchOf(content)));
	} catch (error) {
		if (!isDenied(error)) throw error;
		if (!one.given) throw Object.assign(error, { advice: TO_ASK });
		it.run.skip(`${one.label} lacks or differs in: ${what}; you may not change it. Ask its owner for what docs/gateway.md lists under "What to register".`);
	}
}

function wellFormed(make) {
	try {
		return make();
	} catch (error) {
		throw new Stop(error.message);
	}
}

async function publicClient(it, scopeId) {
	const { options, known } = it;
	const one = await obtain(it, { name: `${options.NAME}-clients`, appId: options.MCP_CLIENT_ID, placeholder: TO_BE.clients, more: { isFallbackPublicClient: false } });
	if (one.appId === known.CLIENT_ID) throw new Stop('MCP_CLIENT_ID is CLIENT_ID; clients need a registration of their own, without a secret.');
	await change(it, one, 'redirect URIs, permissions', (content) => publicClientPatch(content, { clientId: known.CLIENT_ID, scopeId, resource: resourceOf(it) }));
	return one;
}

const resourceOf = ({ known }) => `${known.APIM_GATEWAY_URL}/mcp`;

/* Whether the MCP address is an identifier URI of the registration, then: yes or no. */
async function identifier(it, api) {
	const { run, options: { MCP_IDENTIFIER: wanted } } = it;
	const resource = resourceOf(it);
	if (wanted === 'no') return 'no';
	/* Not to be looked at: then as it is said, and without a word the scope that Entra knows for certain. */
	if (!api.content) return wanted === 'yes' || !api.given ? 'yes' : 'no';
	if (!identifierPatch(api.content, resource)) return 'yes';
	if (wanted === 'try' && await refusedBefore(it)) return 'no';
	try {
		await it.directory.change(api, `identifier URI ${resource}`, (content) => identifierPatch(content, resource));
		return 'yes';
	} catch (error) {
		if (!(error instanceof Refused) || ![400, 403].includes(error.status)) throw error;
		if (wanted === 'yes') throw Object.assign(error, { advice: 'Verify the domain in the tenant, or deploy with MCP_IDENTIFIER=try, which goes on without the identifier.' });
		run.skip(`The tenant does not take the identifier URI ${resource} (${error.code}: ${error.reason}); the scope is api://${api.appId}/... instead.`);
		return 'no';
	}
}

/* What the last deployment came to for this address stays, so that an unchanged tenant is not asked each time. */
async function refusedBefore(it) {
	const { run, arm, known, names } = it;
	if (arm.isToBeMade(known.siteId)) return false;
	const settings = await readSettings(it, known.siteId, `app settings of ${names.site}`);
	const refused = settings.MCP_IDENTIFIER === 'no' && settings.APIM_GATEWAY_URL === known.APIM_GATEWAY_URL;
	if (refused) run.note(`without the identifier URI ${resourceOf({ known })}, as before; MCP_IDENTIFIER=yes asks the tenant for it again`);
	return refused;
}

/* One more address that MCP clients may return to, in the registration that they share. */
export async function addRedirectUri(it, appId, uri) {
	const directory = new Directory(it);
	const label = `registration ${appId}`;
	const content = await directory.find({ appId, label });
	await directory.change({ label, content }, `redirect URI ${uri}`, () => wellFormed(() => redirectPatch(content, [uri])));
}

/* Deletes the registrations that a deployment made, and no other of those names. */
export async function removeRegistrations(it) {
	const { run, options } = it;
	const directory = new Directory(it);
	for (const [name, appId] of [[`${options.NAME}-clients`, options.MCP_CLIENT_ID], [options.NAME, options.CLIENT_ID]]) {
		const label = `registration ${name}`;
		try {
			const found = await directory.list('/applications', appId ? `appId eq '${appId.toLowerCase()}'` : `displayName eq '${name}'`, label);
			for (const { id, tags } of found) {
				if (!tags?.includes(tagOf(it))) run.note(`${label} (${id}) was not made by this deployment and stays`);
				else await run.change('delete', label, () => directory.ask(`/applications/${id}`, { method: 'DELETE', label }));
			}
		} catch (error) {
			if (!isDenied(error)) throw error;
			run.skip(`${label} stays: you may not delete it.`);
		}
	}
}
