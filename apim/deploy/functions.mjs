/*
 * The function app: its plan, the app with its own identity, its settings, its package and the key that the gateway calls
 * it with.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { az } from './az.mjs';
import { connectionString } from './foundation.mjs';
import { grantIdentity } from './roles.mjs';
import { Stop } from './run.mjs';
import { hasSecret, keepSecret, secretValue } from './vault.mjs';

export const WEB_VERSION = '2024-04-01';
const MOST_INSTANCES = 100; /* Azure's own default */

export const siteResource = ({ names, provider }) => ({ label: `function app ${names.site}`, path: provider(`Microsoft.Web/sites/${names.site}`), version: WEB_VERSION });
export const planResource = ({ names, provider }) => ({ label: `plan ${names.plan}`, path: provider(`Microsoft.Web/serverfarms/${names.plan}`), version: WEB_VERSION });

const alwaysReady = ({ ALWAYS_READY }) => (ALWAYS_READY ? [{ name: 'http', instanceCount: ALWAYS_READY }] : []);

/* Where the host has its storage.  Of an account's name alone it makes an address of the public cloud. */
const hostStorage = ({ names, cloud }) => (cloud.name === 'AzureCloud' ? { AzureWebJobsStorage__accountName: names.storage }
	: Object.fromEntries(['blob', 'queue', 'table'].map((kind) => [`AzureWebJobsStorage__${kind}ServiceUri`, `https://${names.storage}.${kind}.${cloud.storage}`])));

/* The settings that the platform itself needs. */
async function platformSettings(it, { alone = false } = {}) {
	const { options, known, run } = it;
	const telemetry = { APPLICATIONINSIGHTS_CONNECTION_STRING: known.insightsConnection ?? '' };
	if (options.FLAVOR === 'flex') return { ...hostStorage(it), ...telemetry };
	return { FUNCTIONS_EXTENSION_VERSION: '~4', FUNCTIONS_WORKER_RUNTIME: 'custom', ...telemetry,
		AzureWebJobsStorage: run.whatIf && alone ? '' : await connectionString(it) };
}

const flexConfig = ({ names, options, cloud }) => ({
	deployment: { storage: { type: 'blobContainer', value: `https://${names.storage}.blob.${cloud.storage}/packages`, authentication: { type: 'SystemAssignedIdentity' } } },
	scaleAndConcurrency: { maximumInstanceCount: MOST_INSTANCES, instanceMemoryMB: options.INSTANCE_MEMORY_MB, alwaysReady: alwaysReady(options) },
	runtime: { name: 'custom', version: '1.0' } });

/* What is looked at of an app that is there, and the PATCH that mends it, whole where Azure takes it whole. */
function siteChange({ options }, current) {
	const flex = options.FLAVOR === 'flex';
	/* A private endpoint alone would shut the place where packages arrive as well. */
	const reach = options.NETWORK === 'private' ? { publicNetworkAccess: 'Enabled' } : {};
	const scale = { instanceMemoryMB: options.INSTANCE_MEMORY_MB, alwaysReady: alwaysReady(options) };
	const config = current?.properties?.functionAppConfig;
	return {
		compare: { properties: { httpsOnly: true, ...reach, ...(flex && { functionAppConfig: { scaleAndConcurrency: scale } }) } },
		patch: { properties: { httpsOnly: true, ...reach,
			...(flex && { functionAppConfig: { ...config, scaleAndConcurrency: { ...config?.scaleAndConcurrency, ...scale } } }) } } };
}

async function siteOf(it, current) {
	const { options, tags } = it;
	const flex = options.FLAVOR === 'flex';
	const initial = current || it.run.whatIf ? {} : await platformSettings(it);
	const change = siteChange(it, current);
	return { ...siteResource(it), ...change, body: { location: options.LOCATION, kind: 'functionapp,linux', tags, identity: { type: 'SystemAssigned' },
		properties: { serverFarmId: planResource(it).path, reserved: true, ...change.patch.properties,
			siteConfig: { minTlsVersion: '1.2', appSettings: Object.entries(initial).map(([name, value]) => ({ name, value })) },
			...(flex && { functionAppConfig: flexConfig(it) }) } } };
}

export async function functionApp(it) {
	const { run, arm, names, options, known, cloud, tags } = it;
	run.say(`Function app ${names.site} (${options.FLAVOR})`);
	const sku = options.FLAVOR === 'flex' ? { name: 'FC1', tier: 'FlexConsumption' } : { name: 'Y1', tier: 'Dynamic' };
	await arm.ensure({ ...planResource(it), body: { location: options.LOCATION, kind: 'functionapp', sku, tags, properties: { reserved: true } },
		compare: { sku: { name: sku.name } } });
	const current = await arm.settled(siteResource(it));
	const site = await arm.ensure(await siteOf(it, current));
	known.siteId = siteResource(it).path;
	known.functionsIdentity = site?.identity?.principalId;
	if (site && !known.functionsIdentity) throw new Stop(`The function app ${names.site} has no system-assigned identity.`, 'Assign one (az functionapp identity assign) and run it again.');
	known.FUNCTION_APP_URL = `https://${site?.properties.defaultHostName ?? `${names.site}.${cloud.sites}`}`;
	await grantIdentity(it, { scope: known.vaultId, principalId: known.functionsIdentity, role: 'Key Vault Secrets User', who: 'the function app' });
	if (options.FLAVOR === 'flex')
		await grantIdentity(it, { scope: known.storageId, principalId: known.functionsIdentity, role: 'Storage Blob Data Owner', who: 'the function app' });
}

/* The package of the Consumption plan is named by an address that is signed. */
const MAY_BE_SECRET = /KEY|SECRET|CONNECTION|PASSWORD|TOKEN|STORAGE$|RUN_FROM_PACKAGE$/i;
const SHORTEST_SECRET = 8; /* a setting such as TOKEN_STORE=1 would blot every 1 */

/* Nothing that is said may hold a setting that may be a secret. */
export function keepSettings(run, settings) {
	for (const [name, value] of Object.entries(settings)) if (MAY_BE_SECRET.test(name) && value.length >= SHORTEST_SECRET) run.keepSecret(value);
}

/* {name: value} of an app. */
export async function readSettings({ run, arm }, siteId, label) {
	const { properties: settings = {} } = await arm.reading({ label, path: `${siteId}/config/appsettings/list`, version: WEB_VERSION });
	keepSettings(run, settings);
	return settings;
}

/* The whole set is written at once, so that all that is there has to go along. */
export const writeSettings = ({ arm }, siteId, { label, settings }) =>
	arm.write({ label, path: `${siteId}/config/appsettings`, version: WEB_VERSION, body: { properties: settings }, unread: true });

/* One of ours that is to be empty is left out: what others have set empty is theirs. */
export async function appSettings(it, handlerSettings) {
	const { run, arm, known } = it;
	run.say('App settings');
	const there = !arm.isToBeMade(known.siteId);
	const current = there ? await readSettings(it, known.siteId, 'app settings') : {};
	const wanted = Object.entries({ ...await platformSettings(it, { alone: !there }), ...handlerSettings });
	const changed = wanted.filter(([name, value]) => (current[name] ?? '') !== value).map(([name]) => name);
	if (!changed.length) return;
	const empty = wanted.filter(([, value]) => value === '').map(([name]) => name);
	const all = Object.fromEntries(Object.entries({ ...current, ...Object.fromEntries(wanted) }).filter(([name]) => !empty.includes(name)));
	await run.change(there && Object.keys(current).length ? 'change' : 'create', `app settings (${changed.join(', ')})`,
		() => writeSettings(it, known.siteId, { label: 'app settings', settings: all }));
}

/* dist/functions.zip, where its hash is not the one that the app has as a tag. */
export async function uploadPackage(it) {
	const { run, arm, options } = it;
	run.say(`Package ${options.PACKAGE}`);
	const hash = createHash('sha256').update(readFileSync(options.PACKAGE)).digest('hex');
	const site = await arm.get(siteResource(it));
	if (site?.tags?.package === hash) return;
	await run.change('upload', `${options.PACKAGE} (${hash.slice(0, 12)})`, () => sendPackage(it));
	await arm.tag(siteResource(it), { package: hash });
}

/* The app's identity has a right to the storage that was given a moment ago: Azure says so in the words of the deployment alone. */
const rightIsNew = /not authorized to perform this operation|AuthorizationPermissionMismatch/;
/* A run that was interrupted left one on its way. */
const anotherIsComing = /may be an ongoing deployment/;

/* az may wait for ever for an app that does not begin. */
async function sendPackage({ run, names, options, known }) {
	const args = ['functionapp', 'deployment', 'source', 'config-zip', '--resource-group', options.RG, '--name', names.site, '--src', options.PACKAGE];
	for (let left = options.TRIES; ; left--) {
		try {
			return await az(args, { limitS: options.ZIP_LIMIT_S });
		} catch (error) {
			error.advice ??= `Look at ${known.FUNCTION_APP_URL}/status and at the log stream of ${names.site} in the portal: an app that does not begin `
				+ '(a wrong package, a storage account it may not read) keeps az waiting. ZIP_LIMIT_S sets how long.';
			const why = rightIsNew.test(error.message) ? 'not known everywhere yet' : anotherIsComing.test(error.message) && 'another is on its way';
			if (left <= 1 || !why) throw error;
			await run.again('the package', `${why}, tried again`, left);
		}
	}
}

/* The host itself answers these: not before it has a package and has begun. */
const hostBegins = ({ status }) => [400, 404, 409].includes(status);

/* The key named apim, in the vault as function-key. */
export async function hostKey(it) {
	const { run, arm, known } = it;
	run.say('Host key for the gateway');
	const host = `${known.siteId}/host/default`;
	const there = !arm.isToBeMade(known.siteId);
	const listed = () => arm.reading({ label: 'host keys', path: `${host}/listkeys`, version: WEB_VERSION, patience: run.whatIf ? undefined : hostBegins });
	const keys = there ? await listed() : {};
	for (const one of [keys.masterKey, ...Object.values(keys.functionKeys ?? {})]) run.keepSecret(one);
	let key = keys.functionKeys?.apim;
	if (!key) {
		await run.change('create', 'host key apim', () => arm.write({ label: 'host key apim', path: `${host}/functionkeys/apim`, version: WEB_VERSION,
			body: { properties: { name: 'apim' } }, patience: hostBegins, unread: true }));
		key = run.whatIf ? undefined : run.keepSecret((await listed()).functionKeys?.apim);
		if (!key && !run.whatIf) throw new Stop('The function app lists no host key named apim.', 'Run it again in a minute.');
	}
	const same = await hasSecret(it, 'function-key') && key && await secretValue(it, 'function-key') === key;
	if (!same) await run.change('store', 'secret function-key', () => keepSecret(it, 'function-key', key));
}

