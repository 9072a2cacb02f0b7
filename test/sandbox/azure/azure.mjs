/*
 * Azure as the deployment meets it: Azure Resource Manager (ARM), Microsoft Graph, Key Vault, the function
 * app's own sites and the token endpoint, kept in memory behind their real host names.  It is as
 * strict, slow and asynchronous as Microsoft's specifications say; what it stores is what the
 * tests look at.  Time does not pass by the clock: what takes a while in Azure takes a number of
 * questions here.
 *
 * A service is a module with `service(azure)`: {hosts (RegExp), audience (undefined: no token), routes: [[method, pattern,
 * handler]], form(refusal), challenge(question) (WWW-Authenticate of a 401), before(question),
 * writes: whether what it takes without a token is counted as a change all the same}.  A pattern is a path with {names}; letters in either case are one.  A handler
 * takes a Question and returns {status, headers, body (JSON)}; it refuses by throwing.
 */
import { join } from 'node:path';
import { Refusal, refusalBody, refuse } from './refusal.mjs';
import { service as login } from './login.mjs';
import { service as manager } from './arm.mjs';
import { service as gateways } from './gateways.mjs';
import { service as graph } from './graph/service.mjs';
import { deploymentSite, functionsHost } from './web/apps.mjs';
import { startProxy } from './proxy.mjs';
import { service as blobs } from './blobs.mjs';
import { service as secrets } from './secrets.mjs';
import { readToken } from './tokens.mjs';

const SERVICES = [login, manager, graph, gateways, secrets, blobs, deploymentSite, functionsHost];
const isWrite = (method) => !['GET', 'HEAD', 'OPTIONS'].includes(method);

function compile([method, path, handler]) {
	const source = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{(\w+)(\\\*)?\}/g, (all, name, rest) => `(?<${name}>${rest ? '.+' : '[^/]+'})`);
	return { method, handler, pattern: new RegExp(`^${source}/?$`, 'i') };
}

/* One request: {host, method, url, headers, bytes, params, caller ({aud, oid, appid, idtyp, ...} of its token)}. */
class Question {
	constructor(fields) {
		Object.assign(this, fields);
	}

	query = (name) => this.url.searchParams.get(name) ?? undefined;

	/* The body as JSON; refused where it is none. */
	get json() {
		if (!this.bytes.length) return {};
		try {
			return JSON.parse(this.bytes);
		} catch (error) {
			return refuse(400, 'InvalidRequestContent', `The request content was invalid and could not be deserialized: '${error.message}'.`);
		}
	}
}

class Azure {
	#services;
	#proxy;
	calls = [];	/* {host, method, path, query, status, write} of everything that was asked, in order */
	faults = [];	/* see fail() */

	constructor(options) {
		Object.assign(this, {
			tenantId: '3c8f2b64-7a1e-4d55-b0c9-1f6e2d9a8b70',
			subscriptionId: '5f3a9c10-0b7d-4c1e-9a52-77d0c2e8b641',
			userType: 'user',	/* or servicePrincipal: who signs in */
			slowRoles: 1,	/* how often a new role is not known yet */
			slowStates: 2,	/* how often an operation is asked after before it is done; 0: at once */
			registered: undefined,	/* the namespaces that the subscription has registered; undefined: all */
			mayAssignRoles: true,	/* whether who deploys is an owner, not a contributor */
			ownsSubscription: true,	/* whether the rights of who deploys are of the whole subscription, not of its groups alone */
			forbidSharedKeys: false,	/* a policy that refuses storage accounts with shared keys */
			taken: [],	/* names that somebody else in the world has */
			...options });
		this.#services = SERVICES.map((make) => {
			const { routes, ...rest } = make(this);
			return { ...rest, routes: routes.map(compile) };
		});
	}

	async start() {
		this.#proxy = await startProxy((request) => this.answer(request));
		return this;
	}

	close() {
		return this.#proxy.close();
	}

	/* What a program needs in its environment to meet this Azure and no other; folder: for az's own files. */
	env(folder) {
		return { HTTPS_PROXY: this.#proxy.url, HTTP_PROXY: '', NO_PROXY: '', https_proxy: this.#proxy.url, no_proxy: '',
			REQUESTS_CA_BUNDLE: this.#proxy.caFile, NODE_EXTRA_CA_CERTS: this.#proxy.caFile, CURL_CA_BUNDLE: this.#proxy.caFile, NODE_USE_ENV_PROXY: '1',
			AZURE_CONFIG_DIR: join(folder, 'azure'), AZURE_CORE_COLLECT_TELEMETRY: 'false', AZURE_CORE_INSTANCE_DISCOVERY: 'false',
			AZURE_CORE_NO_COLOR: 'true' };
	}

	/* The calls that changed something, tokens aside; those that were refused too. */
	get writes() {
		return this.calls.filter(({ write }) => write);
	}

	/* The next `times` requests whose "METHOD host/path?query" fits the pattern are answered with this: {status, code,
	 * message, headers}, or {cut: 'before' | 'after'}: the connection breaks before or after the work is done. */
	fail(pattern, answer, times = 1) {
		this.faults.push({ pattern, answer, times });
	}

	#faultOf(text) {
		const fault = this.faults.find((one) => one.times > 0 && one.pattern.test(text));
		if (fault) fault.times--;
		return fault?.answer;
	}

	/* One request, as the proxy hands it over; also what a test asks without the network. */
	async answer({ host, method, url, headers, body }) {
		const call = { host, method, path: url.pathname, query: url.search, write: isWrite(method) };
		this.calls.push(call);
		const fault = this.#faultOf(`${method} ${host}${url.pathname}${url.search}`);
		if (fault?.cut === 'before') return fault;
		const question = new Question({ host, method, url, headers, bytes: body });
		const given = await this.#given(question, fault, call);
		call.status = given.status;
		return fault?.cut === 'after' ? fault : given;
	}

	async #given(question, fault, call) {
		let form = refusalBody;
		let given;
		try {
			const service = this.#services.find(({ hosts }) => hosts.test(question.host)) ?? refuse(502, 'BadGateway', `no such host in the played Azure: ${question.host}`);
			form = service.form ?? form;
			if (fault?.status) throw new Refusal(fault.status, fault.code ?? 'InternalServerError', fault.message ?? 'Ordered by the test.', fault);
			given = await this.#ask(service, question, call);
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			given = { status: error.status, reason: error.reason, headers: error.headers, body: form(error) };
		}
		const bare = given.body === undefined || typeof given.body === 'string' || given.body instanceof Uint8Array;
		return { status: given.status ?? 200, reason: given.reason, headers: { 'content-type': bare ? 'text/plain' : 'application/json; charset=utf-8', ...given.headers },
			body: bare ? given.body : JSON.stringify(given.body) };
	}

	#ask(service, question, call) {
		const path = decodeURIComponent(question.url.pathname).replace(/^\/+/, '/');
		const rows = service.routes.filter(({ pattern }) => pattern.test(path));
		if (!rows.length) refuse(404, 'NotFound', `The played Azure has no ${question.host}${question.url.pathname}.`);
		const row = rows.find(({ method }) => method === question.method)
			?? refuse(405, 'MethodNotAllowed', `The played Azure has no ${question.method} ${question.host}${question.url.pathname}.`);
		question.params = row.pattern.exec(path).groups ?? {};
		if (service.audience) question.caller = readToken(question, service.audience, service.challenge?.(question));
		else if (!service.writes) call.write = false;
		const reads = row.handler.reads; /* POST that changes nothing, such as listKeys */
		if (reads) call.write = false;
		service.before?.(question);
		return row.handler(question);
	}
}

/* A handler of a POST that only reads. */
export const reading = (handler) => Object.assign(handler, { reads: true });

export const startAzure = (options) => new Azure(options).start();
