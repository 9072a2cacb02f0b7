/*
 * The sandbox Microsoft Graph: mail, calendars, people, files, Teams, tasks, sites and the search over them, of the sandbox's users,
 * and POST /v1.0/$batch, for tokens that the sandbox Entra issued for Graph, in the shapes of the real service and with its refusals
 * (permissions by the token's scp, page limits, what may not be asked together), and failures on order.
 * Its data is invented in data/, answered in workloads/ by the rules of odata/, and whose each path is says permissions.mjs.
 * Files come from a host of their own (downloads.mjs); whose mailbox may be opened by whom says shares.mjs.
 *
 * For tests:
 *   fail({kind, path, method, asks, user, times, ...})  a failure on order (asks: for bodies that hold this text); {taken: true}: what was asked is done before it fails.  Of a write:
 *              close: the connection ends before anything was done; {kind: "close_reading"}: while its bytes arrive; {kind: "close", taken:
 *              true}: when it was done; throttle, http_503 ({retryAfter} or not), http_500, html_502, http_504, taken or not.
 *   redirect   {kind: "redirect", path: "/me/drive/items/ID/content", location}: where a file is said to be.
 *   writes     what was done: {request, path, user, mailbox (oids), body}; sent: what went out to people: {by, from, to, cc, bcc, subject, body}.
 *   putFile(user, {name, type, bytes}), putAttachment(user, messageId, {name, type, bytes, ...}): ids of what is there from now on.
 *   share(mailbox, user, {mail, calendar, contacts: "read" or "write", send})   rights to a mailbox; {}: none.
 *   downloads  the files' host, with counts, requests and failures of its own.
 *   resetData() takes back all that was written, put and shared.
 *
 * Not played: delta queries and $expand but where a workload names it; lambdas in $filter; sharing of files; relevance (a search gives
 * its hits in the list's own order); delivery (what is sent arrives nowhere); Exchange's eventual consistency; throttling by rate
 * (that by a mailbox's concurrency is, when mailboxLimit is set); national clouds.
 * Stricter than Graph, or than is known of it: a text that Exchange would search for without quotes is refused, a skip token
 * in another search than its own, a dateTime with an offset in a body, $select on chats, messages of Teams and tasks.
 * Not known for sure: the page sizes of To Do and SharePoint where none is asked for, $search on contacts, times in KQL, and that
 * what User.ReadBasic.All does not show is null.
 */
import { Faults } from '../common/faults.mjs';
import { ORDERED, challengeText, graphError, graphHeaders, idsOf, invalidToken, noSuchResource, satisfies, wrongMethod } from './answers.mjs';
import { BadBatch, badBatch, isJson, partOf, readBatch, wrongType } from './batch.mjs';
import { Call } from './call.mjs';
import { pause, remember, startServer } from '../common/http_server.mjs';
import { nowSeconds } from '../entra/user_tokens.mjs';
import { requireUser } from '../entra/users.mjs';
import { startDownloads } from './downloads.mjs';
import { MailboxGate } from './mailbox_gate.mjs';
import { GraphRefusal, mailboxBusy } from './refusal.mjs';
import { findRoute } from './routes.mjs';
import { Shares } from './shares.mjs';
import { ANCHOR, World } from './world.mjs';

const VERSION = '/v1.0';
const ME = `${VERSION}/me`;
const BATCH = `${VERSION}/$batch`;

/* What a part of a batch is called when a failure is ordered for it alone. */
const PARTS = { [ME]: 'me', [`${ME}/photo/$value`]: 'photo', [`${ME}/manager`]: 'manager' };

const zeroCounts = () => ({ me: 0, batch: 0, parts: 0, rejected: 0, byUser: {}, byRoute: {}, http2: 0,
	http1: 0 });

class Graph {
	#server;
	#faults = new Faults(ORDERED);
	#counts = zeroCounts();
	#gate = new MailboxGate();
	#worlds = new Map();
	#changed = new Set();	/* whose world is no longer as it was invented */
	#shares;
	writes = [];
	sent = [];

	/* anchor: the moment that all data is dated from. */
	constructor({ entra, latencyMs = 0, anchor = ANCHOR }) {
		Object.assign(this, { entra, latencyMs, anchor, skiptokenBytes: 0 });
		this.requests = [];
		this.#shares = new Shares(entra);
	}

	/* How many requests a mailbox bears at a time: without end, or as many as are set (the real one's are 4). */
	set mailboxLimit(limit) {
		this.#gate.limit = limit;
	}

	async start({ host, port, tls }) {
		const onExchange = (exchange) => this.#onExchange(exchange);
		this.#server = await startServer({ host, port, tls, onExchange });
		this.url = this.#server.url;
		this.downloads = await startDownloads({ host, tls });
		this.entra.attachGraph(this);
		return this;
	}

	/* me: requests for /me however answered, byUser: those of them with a known token; batch:
	 * requests for $batch, parts: requests within them; byRoute: requests by method and template of their path;
	 * rejected: refused for their token, failures on order not included; connections:
	 * accepted since the last resetCounts. */
	get counts() {
		return { ...this.#counts, connections: this.#server.connections };
	}

	resetCounts() {
		this.#counts = zeroCounts();
		[this.requests, this.writes, this.sent].forEach((list) => { list.length = 0; });
		this.#server.forgetConnections();
		this.downloads.resetCounts();
	}

	resetData() {
		this.#changed.forEach((oid) => this.#worlds.delete(oid));
		this.#changed.clear();
		this.#shares.reset();
	}

	share(mailbox, user, rights) {
		this.#shares.give(mailbox, user, rights);
	}

	putFile(user, file) {
		return this.#changing(user).putFile(file);
	}

	putAttachment(user, messageId, file) {
		return this.#changing(user).putAttachment(messageId, file);
	}

	#changing(key) {
		const user = requireUser(this.entra.users, key);
		this.#changed.add(user.oid);
		return this.#worldOf(user);
	}

	/* Orders a failure: {kind, times, user, path, part, ...}; kinds: faults.mjs, answers.mjs.
	 * path: below /v1.0, for requests of it and what is beneath it alone.
	 * part: me, photo or manager, for that request inside a batch alone.
	 * "cae" lasts, unless times says otherwise, for every token minted without its claims. */
	fail({ user, ...fault }) {
		const { users } = this.entra;
		const oid = user === undefined ? undefined : requireUser(users, user).oid;
		const { kind, times = Infinity, claims, part } = fault;
		if (part !== undefined && !Object.values(PARTS).includes(part))
			throw new Error(`unknown part "${part}"`);
		const lasting = kind === 'cae' ? { times, challenge: challengeText(claims) } : {};
		this.#faults.add({ oid, ...fault, ...lasting });
	}

	/* skiptokenBytes: how long skip tokens are at least. */
	clearFailures() {
		this.#faults.clear();
		this.#gate.limit = Infinity;
		this.skiptokenBytes = 0;
		this.downloads.clearFailures();
	}

	close() {
		return Promise.all([this.#server.close(), this.downloads.close()]);
	}

	async #onExchange(exchange) {
		exchange.ids = idsOf(exchange);
		exchange.baseHeaders = graphHeaders(exchange.ids);
		const token = bearerOf(exchange.header('authorization'));
		const bearer = this.entra.introspectGraphToken(token);
		const wanted = { method: exchange.req.method, target: exchange.req.url, headers: exchange.req.headers, ids: exchange.ids, bearer };
		const found = routeOf(wanted);
		exchange.entry = this.#count(exchange, bearer?.user.oid, found.route);
		const path = pathOf(exchange.req.url);
		const { method } = exchange.req;
		if (this.#faults.take((waiting) => waiting.kind === 'close_reading' && fits(waiting, bearer, { path, method })))
			return exchange.destroyConnection();
		if (['POST', 'PATCH'].includes(method)) /* whole: HTTP/2 resets a stream answered too soon */
			exchange.entry.body = await exchange.bodyText();
		const leave = found.route?.workload === 'outlook' && bearer ? this.#gate.enter(bearer.user.oid) ?? 'full' : undefined;
		if (this.latencyMs > 0)
			await pause(this.latencyMs);
		const { clientRequestId } = exchange.ids; /* met: whom the failure has met, where it meets each but once */
		const fault = this.#faults.take((waiting) => fits(waiting, bearer, { path, method, body: exchange.entry.body }) && !waiting.met?.has(clientRequestId));
		fault?.met?.add(clientRequestId);
		try {
			await this.#faults.respond(exchange, fault, () => this.#answer(exchange, token, { ...wanted, found, text: exchange.entry.body,
				full: leave === 'full' }));
		} finally {
			if (typeof leave === 'function')
				leave();
		}
	}

	#count({ req, url }, oid, route) {
		const counts = this.#counts;
		counts[req.httpVersionMajor === 2 ? 'http2' : 'http1']++;
		if (url.pathname === BATCH)
			counts.batch++;
		if (url.pathname === ME) {
			counts.me++;
			if (oid)
				counts.byUser[oid] = (counts.byUser[oid] ?? 0) + 1;
		}
		if (route)
			counts.byRoute[route.request] = (counts.byRoute[route.request] ?? 0) + 1;
		const entry = { method: req.method, url: req.url, headers: { ...req.headers },
			httpVersion: req.httpVersion };
		remember(this.requests, entry);
		return entry;
	}

	#answer(exchange, token, wanted) {
		const { ids, req, url } = exchange;
		const refusal = refusalOf(ids, token, wanted.bearer);
		if (refusal) {
			this.#counts.rejected++;
			return refusal;
		}
		if (url.pathname === BATCH)
			return req.method === 'POST' ? this.#batch(exchange, wanted.bearer) : wrongMethod(ids);
		return this.#resource(wanted);
	}

	/* {method, target (path and query as sent), headers, text, ids, bearer, found (findRoute's), full}. */
	#resource({ method, target, headers, text, ids, bearer, found, full }) {
		const { route, params, methods, refusal } = found;
		try {
			if (refusal)
				throw refusal;
			if (!route)
				return methods.length > 0 ? wrongMethod(ids) : noSuchResource(ids, pathOf(target));
			if (full)
				throw mailboxBusy();
			const { user: caller, scopes } = bearer;
			const user = params.mailbox === undefined ? caller : this.#shares.find(params.mailbox) ?? {};
			const call = new Call({ method, route, params, user, caller, scopes, headers, text, ids, rawPath: pathOf(target),
				path: pathOf(target).slice(VERSION.length),
				search: target.slice(pathOf(target).length), world: this.#worldOf(user), graphUrl: this.url, skiptokenBytes: this.skiptokenBytes,
				sent: this.sent, addressOf: (file) => this.downloads.addressOf(file) });
			call.checkPermission();
			if (params.mailbox !== undefined)
				this.#shares.open(params.mailbox, bearer, route);
			if (route.writes)
				this.#changed.add(user.oid);
			const answer = route.answer(call);
			if (route.writes)
				remember(this.writes, { request: route.request, path: call.path, user: caller.oid, mailbox: user.oid, body: call.optionalBody });
			return answer;
		} catch (error) {
			if (!(error instanceof GraphRefusal))
				throw error;
			return graphError({ ...error, message: error.message, ids });
		}
	}

	#worldOf(user) {
		if (!this.#worlds.has(user.oid))
			this.#worlds.set(user.oid, new World(this.entra, user, this.anchor));
		return this.#worlds.get(user.oid);
	}

	/* Answered in another order than asked, as Graph does when it likes. */
	async #batch(exchange, bearer) {
		const { ids, entry } = exchange;
		if (!isJson(exchange.header('content-type')))
			return wrongType(ids);
		try {
			const requests = readBatch(entry.body);
			const parts = requests.map((request) => this.#part(exchange, request, bearer));
			const responses = (await Promise.all(parts)).reverse();
			return { status: 200, headers: { 'content-type': 'application/json' },
				body: { responses } };
		} catch (error) {
			if (!(error instanceof BadBatch))
				throw error;
			return badBatch(ids, error.message);
		}
	}

	async #part({ ids, req }, { id, method, url: relative, headers = {}, body }, bearer) {
		this.#counts.parts++;
		const url = new URL(`${VERSION}${relative}`, 'http://graph.invalid');
		const part = PARTS[url.pathname];
		const fault = this.#faults.take((waiting) => fits(waiting, bearer, { part, path: url.pathname, method }));
		const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
		const wanted = { method, target: `${VERSION}${relative}`, headers: lower, text: JSON.stringify(body), ids, bearer };
		return partOf(id, await this.#faults.answer({ ids, req, url }, fault,
			() => this.#resource({ ...wanted, found: routeOf(wanted) })));
	}
}

const pathOf = (target) => target.split('?', 1)[0];

/* findRoute's answer, or the refusal of a path that is none. */
function routeOf({ method, target }) {
	const path = pathOf(target);
	try {
		return path.startsWith(`${VERSION}/`) ? findRoute(method, path.slice(VERSION.length)) : { methods: [] };
	} catch (refusal) {
		if (!(refusal instanceof GraphRefusal))
			throw refusal;
		return { refusal };
	}
}

function bearerOf(authorization = '') {
	return /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1];
}

function refusalOf(ids, token, bearer) {
	if (!token)
		return invalidToken(ids, 'Access token is empty.');
	if (!bearer)
		return invalidToken(ids, 'Access token validation failure. Invalid audience.');
	if (bearer.exp <= nowSeconds())
		return invalidToken(ids, 'Lifetime validation failed, the token is expired.');
	return undefined;
}

/* part: of a batch, undefined: the request itself. */
function fits(waiting, bearer, { part, path, method, body = '' }) {
	if (waiting.part !== part || (waiting.method !== undefined && waiting.method !== method))
		return false;
	if (waiting.asks !== undefined && !body.includes(waiting.asks))
		return false;
	const beneath = `${VERSION}${waiting.path ?? ''}`.toLowerCase();
	if (waiting.path !== undefined && path.toLowerCase() !== beneath && !path.toLowerCase().startsWith(`${beneath}/`))
		return false;
	if (waiting.oid !== undefined && waiting.oid !== bearer?.user.oid)
		return false;
	if (waiting.kind !== 'cae')
		return true;
	return bearer !== undefined && !satisfies(bearer.claims, waiting.challenge);
}

/* Starts a sandbox Graph beside entra.  Its url is the handler's GRAPH_BASE_URL. */
export function startGraph({ host = '127.0.0.1', port = 0, tls = false, ...options }) {
	return new Graph(options).start({ host, port, tls });
}
