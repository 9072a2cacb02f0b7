#!/usr/bin/env node
/*
 * Renders the gateway: node apim/render.mjs [--settings FILE] [--preauth FILE] [--out FOLDER].
 *
 * Reads apim/policies, apim/fragments, apim/openapi.yaml, the settings (see settings.mjs),
 * preauth.json and the handler's table of Entra's refusals, and writes build/apim/: the policies and fragments as API Management takes them,
 * named-values.json, apis.json, openapi.yaml for the import, and allowed-client-ids.txt for the
 * handler.  Secrets are references to Key Vault in all of it.  What is missing or wrong is named,
 * all at once, and nothing is written then.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readOperations, withPaths } from './openapi.mjs';
import { readPreauth, withPublicClient } from './preauth.mjs';
import { listRefusals } from './refusals.mjs';
import { checkSettings, givenSettings } from './settings.mjs';
import { fill, namedValues } from './template.mjs';

const APIM = dirname(fileURLToPath(import.meta.url));
const FRAGMENT_MAX_BYTES = 32 * 1024; /* Microsoft's limit */
const WELL_KNOWN = '/.well-known';

/* Named values that are not settings: where in Key Vault they are. */
const SECRETS = { 'function-key': 'function-key', CLIENT_SECRET: 'client-secret' };

const read = (path) => readFileSync(join(APIM, path), 'utf8');

/* The file of an operation: named by its id, or by most of its first words, the endpoint at least. */
const sourceOf = (id, written) => id.split('-').map((word, i, words) => `${words.slice(0, words.length - i).join('-')}.xml`)
	.find((name) => written.includes(name));

/* {path: text} of every policy and fragment. */
function renderPolicies(settings, operations) {
	const render = (path) => fill(read(path), settings, (part) => read(`policies/parts/${part}.xml`));
	const files = { 'policies/global.xml': render('policies/global.xml'),
		'policies/api.xml': render('policies/api.xml'),
		'policies/metadata-api.xml': render('policies/metadata-api.xml') };
	for (const folder of ['operations', 'metadata']) {
		const written = readdirSync(join(APIM, 'policies', folder));
		for (const { id } of operations) {
			const source = sourceOf(id, written);
			if (source) files[`policies/${folder}/${id}.xml`] = render(`policies/${folder}/${source}`);
		}
	}
	for (const name of readdirSync(join(APIM, 'fragments'))) {
		const text = render(`fragments/${name}`);
		if (Buffer.byteLength(text) > FRAGMENT_MAX_BYTES)
			throw new Error(`fragments/${name} is larger than ${FRAGMENT_MAX_BYTES} bytes; list fewer clients`);
		files[`fragments/${name}`] = text;
	}
	return files;
}

/* The named values that the files refer to, each once, in order. */
function listNamedValues(files, settings) {
	const used = [...new Set(Object.values(files).flatMap(namedValues))].sort();
	return used.map((name) => {
		if (name in SECRETS) return { name, secret: true, keyVault: `${settings.KEY_VAULT_URL}/secrets/${SECRETS[name]}` };
		if (typeof settings[name] !== 'string') throw new Error(`a policy refers to {{${name}}}, which is no setting`);
		return { name, value: settings[name], secret: false };
	});
}

const isMetadata = ({ urlTemplate }) => urlTemplate.startsWith(WELL_KNOWN);
const isServerDocument = ({ id, urlTemplate }) => id.startsWith('metadata-server') && !urlTemplate.endsWith('/*');

/* The metadata of a gateway with a path, which stands between the well-known part and the rest (RFC 9728
 * section 3.1, RFC 8414 section 3.1), or, as OpenID Connect Discovery has it, before both. */
function metadataApis(settings, operations, row) {
	const below = (one) => ({ ...row('metadata')(one), urlTemplate: one.urlTemplate.slice(WELL_KNOWN.length) });
	const placed = (one) => ({ ...one, urlTemplate: settings.API_PATH ? one.urlTemplate.replace(/\/mcp$/, `/${settings.API_PATH}/mcp`) : one.urlTemplate });
	const api = { id: 'graph-mcp-metadata', path: WELL_KNOWN.slice(1), policy: 'policies/metadata-api.xml',
		operations: operations.filter(isMetadata).map(below).map(placed) };
	const appended = { ...api, id: 'graph-mcp-metadata-appended', path: settings.API_PATH + WELL_KNOWN,
		operations: operations.filter(isServerDocument).map(below) };
	return settings.API_PATH ? [api, appended] : [api];
}

function listApis(files, settings, operations) {
	const row = (folder) => ({ id, method, urlTemplate }) => {
		const policy = `policies/${folder}/${id}.xml`;
		return { id, method, urlTemplate, ...(policy in files ? { policy } : {}) };
	};
	return {
		apis: [
			{ id: 'graph-mcp', path: settings.API_PATH, policy: 'policies/api.xml',
				operations: operations.filter((one) => !isMetadata(one)).map(row('operations')) },
			...metadataApis(settings, operations, row),
		],
		backends: [{ id: 'functions', url: settings.FUNCTION_APP_URL }],
	};
}

/* The document that the main API is imported from.  Its hash stands in the description, which API
 * Management gives back, so that a deployment sees whether it changed. */
function importDocument(text, settings) {
	const placed = text.replace(/^ {2}- url: .*$/m, `  - url: ${settings.FUNCTION_APP_URL}`);
	const hash = createHash('sha256').update(placed).digest('hex').slice(0, 16);
	return withPaths(placed, (path) => !path.startsWith(WELL_KNOWN), `Contract ${hash}.`);
}

/* {path: text} of all that the gateway and the handler take. */
export function renderFiles({ given, preauth }) {
	const { all, problems } = checkSettings(given);
	const { clients, problems: clientProblems } = withPublicClient(preauth, all?.MCP_CLIENT_ID);
	if (problems.length + clientProblems.length) throw new Error([...problems, ...clientProblems].join('\n'));
	const settings = { ...all, CLIENT_IDS: clients.map(({ appId }) => appId), ENTRA_REFUSALS: listRefusals() };
	const contract = read('openapi.yaml');
	const operations = readOperations(contract);
	const files = renderPolicies(settings, operations);
	const json = (value) => `${JSON.stringify(value, null, 2)}\n`;
	files['named-values.json'] = json(listNamedValues(files, settings));
	files['apis.json'] = json(listApis(files, settings, operations));
	files['openapi.yaml'] = importDocument(contract, settings);
	files['allowed-client-ids.txt'] = `${settings.CLIENT_IDS.join(',')}\n`;
	return files;
}

export function render({ given, preauth, out }) {
	const files = renderFiles({ given, preauth });
	rmSync(out, { recursive: true, force: true });
	for (const [path, text] of Object.entries(files)) {
		mkdirSync(dirname(join(out, path)), { recursive: true });
		writeFileSync(join(out, path), text);
	}
	return Object.keys(files);
}

function main() {
	const { values } = parseArgs({ options: { settings: { type: 'string' },
		preauth: { type: 'string', default: join(APIM, 'preauth.json') },
		out: { type: 'string', default: join(APIM, '../build/apim') } } });
	const written = render({ given: givenSettings(values.settings), preauth: readPreauth(values.preauth), out: values.out });
	console.log(`${values.out}: ${written.length} files`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	try {
		main();
	} catch (error) {
		console.error(error.message.replace(/^/gm, 'render: '));
		process.exit(1);
	}
}
