/*
 * What the gateway is told: named values, backend, fragment, policies, APIs and diagnostics, in the order in which they
 * refer to each other.  Policies go there as the XML they are (format xml), each with its hash in a comment: the gateway
 * gives them back with other indents and escapes, so that only the hash tells whether they are the same.
 */
import { createHash } from 'node:crypto';
import { readPreauth } from '../preauth.mjs';
import { renderFiles } from '../render.mjs';
import { APIM_VERSION } from './gateway.mjs';
import { differences } from './same.mjs';

const HASH = /<!-- sha256:([0-9a-f]{64}) -->/;

/* The document with its hash as the first thing in its root. */
export function marked(text) {
	const hash = createHash('sha256').update(text).digest('hex');
	return text.replace(/<(policies|fragment)>/, (root) => `${root}\n\t<!-- sha256:${hash} -->`);
}

/* An instance's own global policy only forwards; anything else without a hash is somebody's. */
export function isStock(value) {
	const bare = value.replace(/<!--[\s\S]*?-->/g, '').replace(/\s+/g, '').replace(/<(\w[\w-]*)><\/\1>/g, '<$1/>');
	return /^<policies>(<inbound\/>)?<backend><forward-request(timeout="\d+")?\/><\/backend>(<outbound\/>)?(<on-error\/>)?<\/policies>$/.test(bare);
}

/* The identity's new right to the vault is not known there at once. */
const rightIsNew = ({ code, reason }) => /Forbidden|AccessDenied|does not have secrets get permission|not authorized|Caller was not found/i.test(`${code} ${reason}`);
/* Parts of an API that was imported a moment ago. */
const partIsNew = ({ status, code }) => status === 404 && /NotFound/.test(code);

function policy(label, path, text) {
	const value = marked(text);
	const [, hash] = HASH.exec(value);
	return { label, path, query: 'format=xml', patience: partIsNew, body: { properties: { format: 'xml', value } },
		compare: ({ properties }) => (HASH.exec(properties.value)?.[1] === hash ? [] : ['the document']) };
}

function namedValue({ name, value, secret, keyVault }) {
	const body = { properties: { displayName: name, secret, ...(keyVault ? { keyVault: { secretIdentifier: keyVault } } : { value }) } };
	return { label: `named value ${name}`, path: `namedValues/${name}`, body, patience: rightIsNew,
		check: ({ properties }) => (properties.keyVault?.lastStatus?.code && !/^Success/.test(properties.keyVault.lastStatus.code)
			? `${properties.keyVault.lastStatus.code}: ${properties.keyVault.lastStatus.message}` : undefined) };
}

const backend = ({ id, url }) => ({ label: `backend ${id}`, path: `backends/${id}`,
	body: { properties: { protocol: 'http', url, tls: { validateCertificateChain: true, validateCertificateName: true } } } });

const contract = (displayName, path) => ({ displayName, path, protocols: ['https'], subscriptionRequired: false });

/* The main API, imported; the hash that stands in its description tells whether it is the same. */
function imported({ path, id }, document) {
	const [note] = /Contract [0-9a-f]+\./.exec(document);
	return { label: 'API', path: `apis/${id}`, body: { properties: { ...contract('Microsoft Graph for users and MCP', path), format: 'openapi', value: document } },
		compare: ({ properties }) => [
			...(properties.path === path ? [] : ['path']), ...(properties.subscriptionRequired ? ['subscriptionRequired'] : []),
			...((properties.description ?? '').includes(note) ? [] : ['the contract'])] };
}

const operationPolicies = ({ id: api, operations }, files) => operations.filter((one) => one.policy)
	.map(({ id, policy: file }) => policy(`policy of ${id}`, `apis/${api}/operations/${id}/policies/policy`, files[file]));

const metadata = (one, files) => [
	{ label: `API ${one.id}`, path: `apis/${one.id}`, body: { properties: contract(one.id === 'graph-mcp-metadata' ? 'MCP metadata' : 'MCP metadata below the path', one.path) } },
	policy(`policy of ${one.id}`, `apis/${one.id}/policies/policy`, files[one.policy]),
	...one.operations.map(({ id, method, urlTemplate }) => ({ label: `operation ${id}`, path: `apis/${one.id}/operations/${id}`, patience: partIsNew,
		body: { properties: { displayName: id, method, urlTemplate } } })),
	...operationPolicies(one, files),
];

/* No bodies, which would be buffered and may hold tokens; no query, which holds what signing in sends. */
const HALF = { headers: [], body: { bytes: 0 } };
const SIDE = { request: { ...HALF, dataMasking: { queryParams: [{ value: '*', mode: 'Hide' }] } }, response: HALF };

function diagnostics({ known, options }, apis) {
	const logger = { label: 'logger appinsights', path: 'loggers/appinsights',
		body: { properties: { loggerType: 'applicationInsights', resourceId: known.insightsId, credentials: { connectionString: known.insightsConnection } } },
		compare: { properties: { loggerType: 'applicationInsights', resourceId: known.insightsId } } };
	const properties = { loggerId: `${known.serviceId}/loggers/appinsights`, alwaysLog: 'allErrors', httpCorrelationProtocol: 'W3C', verbosity: 'information',
		logClientIp: false, sampling: { samplingType: 'fixed', percentage: options.DIAGNOSTICS_SAMPLING }, frontend: SIDE, backend: SIDE };
	/* What is false by default may be left out of what is given back. */
	const compare = (current) => differences({ logClientIp: false, ...current.properties }, properties);
	return [logger, ...apis.map(({ id }) => ({ label: `diagnostics of ${id}`, path: `apis/${id}/diagnostics/applicationinsights`, body: { properties }, compare }))];
}

/* Every resource below the instance, in order; those of the global policy apart, as it may be somebody else's. */
export function gatewayResources(it, files) {
	const { apis, backends } = JSON.parse(files['apis.json']);
	const [main, ...wellKnown] = apis;
	return [
		...JSON.parse(files['named-values.json']).map(namedValue),
		...backends.map(backend),
		policy('fragment signed-in-user', 'policyFragments/signed-in-user', files['fragments/signed-in-user.xml']),
		policy('global policy', 'policies/policy', files['policies/global.xml']),
		imported(main, files['openapi.yaml']),
		policy('policy of the API', `apis/${main.id}/policies/policy`, files[main.policy]),
		...operationPolicies(main, files),
		...wellKnown.flatMap((one) => metadata(one, files)),
		...diagnostics(it, apis),
	];
}

async function isForeign(arm, resource) {
	const value = (await arm.get(resource))?.properties?.value ?? '';
	return value && !HASH.test(value) && !isStock(value);
}

/* settings: the gateway's settings, see ../settings.mjs. */
export async function policies(it, settings) {
	const { run, arm, options, known } = it;
	run.say('Policies, named values and APIs of the gateway');
	const files = renderFiles({ given: settings, preauth: readPreauth(options.PREAUTH) });
	for (const { path, ...rest } of gatewayResources(it, files)) {
		const resource = { ...rest, path: `${known.serviceId}/${path}`, version: APIM_VERSION };
		if (path === 'policies/policy' && await isForeign(arm, resource)) run.skip('The global policy is not ours and stays as it is.');
		else await arm.ensure(resource);
	}
}
