/*
 * What was deployed into a played Azure, at work: its registrations in the sandbox's Entra, its package below the
 * Functions host with the app settings that are stored, its gateway in the emulator with the policies that are stored,
 * each with its own identity.  Two settings differ, AUTHORITY_HOST and GRAPH_BASE_URL, which lead to the sandbox.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { exportTo } from '../../../sandbox/azure/apim/export.mjs';
import { Refusal } from '../../../sandbox/azure/refusal.mjs';
import { startEmulator } from '../../../sandbox/gateway/gateway.mjs';
import { startIdentity } from '../../../sandbox/entra/federation.mjs';
import { startGraph } from '../../../sandbox/graph/graph.mjs';
import { startHost } from '../../../sandbox/host/host.mjs';
import { asUser, askAs, fetching } from '../azure_client.mjs';
import { SDK2, negotiating, signingIn } from '../sdk.mjs';
import { memoryProvider } from '../sign_in.mjs';
import { startRegistered } from './registrations.mjs';

const run = promisify(execFile);
const WEB_VERSION = '2024-04-01';
const REFERENCE = /^@Microsoft\.KeyVault\(SecretUri=(https:\/\/[^)]+?)\/?\)$/;

/* The one resource of a type. */
function onlyOne(azure, type) {
	const found = azure.resources.below('/subscriptions').filter((one) => one.type === type);
	if (found.length !== 1) throw new Error(`${found.length} resources of ${type}`);
	return found[0];
}

async function storedOf(azure, { id }, path) {
	const { status, body } = await askAs(azure, asUser(azure), 'POST', `${id}/${path}?api-version=${WEB_VERSION}`);
	if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
	return body;
}

/* The secret that a setting refers to, read as the platform reads it: as the app. */
function resolved(azure, value, principalId) {
	const [, address] = REFERENCE.exec(value) ?? [];
	if (!address) return value;
	for (let left = azure.slowRoles; ; left--) {
		try {
			return azure.readSecret(address, principalId).value;
		} catch (error) {
			if (!(error instanceof Refusal) || left <= 0) throw error;
		}
	}
}

async function unpacked(bytes, folder) {
	const zip = join(folder, 'package.zip');
	writeFileSync(zip, bytes);
	await run('unzip', ['-q', zip, '-d', join(folder, 'root')]);
	return join(folder, 'root');
}

/* A managed identity of that principal, with its endpoint. */
async function identityOf(entra, { identity }) {
	return Object.assign(await startIdentity({ entra }), { principalId: identity.principalId });
}

/* The Functions host over what the site has. */
async function startApp({ azure, site, settings, entra, graph, folder, ends }) {
	const identity = await identityOf(entra, site);
	ends.push(() => identity.close());
	const { functionKeys } = await storedOf(azure, site, 'host/default/listkeys');
	const env = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, resolved(azure, value, site.identity.principalId)]));
	const root = await unpacked(azure.packages.get(site.name), folder);
	const host = await startHost({ root, keys: Object.values(functionKeys), env: { PATH: process.env.PATH, ...env, ...identity.env, AUTHORITY_HOST: entra.url, GRAPH_BASE_URL: graph.url } });
	ends.push(() => host.stop());
	return host;
}

/* The emulator over what the instance has.  What is called by its public name is led to this machine. */
async function startGateway({ azure, service, site, entra, app, folder, ends }) {
	const identity = await identityOf(entra, service);
	ends.push(() => identity.close());
	const apim = join(folder, 'apim');
	const { secrets } = exportTo(azure, service.name, apim);
	const named = Object.keys(secrets);
	const gateway = await startEmulator({ apim, kept: true, env: { IDENTITY: identity.header, ...Object.fromEntries(named.map((name, i) => [`SECRET_${i}`, secrets[name]])) },
		args: ['--login', entra.url, '--map', `https://login.microsoftonline.com=${entra.url}`, '--map', `https://${site.properties.defaultHostName}=${app.url}`,
			'--identity', identity.url, '--identity-header', 'env:IDENTITY', ...named.flatMap((name, i) => ['--secret', `${name}=env:SECRET_${i}`])] });
	ends.push(() => gateway.stop());
	return gateway;
}

/* Tokens for the API that az asks for are this Entra's, which serves it. */
const minting = (entra) => ({ resource, names, client }) => (entra.directory.resource(resource) === entra.directory.api
	? entra.mintUserToken({ scp: names.join(' '), caller: client, version: entra.directory.api.tokenVersion }) : undefined);

async function begin(azure, { folder, ends }) {
	const [site, service] = ['Microsoft.Web/sites', 'Microsoft.ApiManagement/service'].map((type) => onlyOne(azure, type));
	const { properties: settings } = await storedOf(azure, site, 'config/appsettings/list');
	const entra = await startRegistered(azure, settings.CLIENT_ID);
	ends.push(() => entra.close());
	const graph = await startGraph({ entra });
	ends.push(() => graph.close());
	const app = await startApp({ azure, site, settings, entra, graph, folder, ends });
	const gateway = await startGateway({ azure, service, site, entra, app, folder, ends });
	Object.assign(azure, { serveGateway: (name) => (name === service.name ? gateway.url : undefined), mintUserToken: minting(entra) });
	ends.push(() => Object.assign(azure, { serveGateway: undefined, mintUserToken: undefined }));
	return { entra, graph, url: service.properties.gatewayUrl };
}

/* What me gives a client of MCP that is given an address and nothing else.  Client and person reach Azure's names, which are https, in the played one. */
async function readMe(azure, address) {
	const { fetch } = globalThis;
	const ofAzure = fetching(azure);
	globalThis.fetch = (url, init) => (String(url).startsWith('https:') ? ofAzure : fetch)(url, init);
	const client = signingIn({ ...SDK2, options: negotiating('auto') }, address, memoryProvider());
	try {
		return await client.me();
	} finally {
		await client.close();
		globalThis.fetch = fetch;
	}
}

/* {entra, graph, url (of the gateway, its public one), me(), stop()}; me(): the profile that a client of MCP reads who knows the
 * address alone. */
export async function serveDeployed(azure) {
	const folder = mkdtempSync(join(tmpdir(), 'deployed-'));
	const ends = [() => rmSync(folder, { recursive: true })];
	async function stop() {
		for (const end of ends.splice(0).reverse()) await end();
	}
	const live = await begin(azure, { folder, ends }).catch(async (error) => {
		await stop();
		throw error;
	});
	return { ...live, me: () => readMe(azure, `${live.url}/mcp`), stop };
}

/* The same, begun by the first call that reaches the gateway's address: what a deployment's own calls meet.  Gives a function that
 * waits for it. */
export function servedWhenCalled(azure) {
	let serving;
	azure.serveGateway = async (name) => {
		serving ??= serveDeployed(azure);
		await serving;
		return azure.serveGateway(name);
	};
	return () => serving;
}
