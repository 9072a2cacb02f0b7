/*
 * The sandbox Microsoft Graph: mail, calendars, people, files, Teams, tasks, sites and the search over them, of the sandbox's users,
 * and POST /v1.0/$batch, for tokens that the sandbox Entra issued for Graph, in the shapes of the real service and with its refusals
 * (permissions by the token's scp, page limits, what may not be asked together), and failures on order.
 * Its data is invented in data/, answered in workloads/ by the rules of odata/, and whose each path is says permissions.mjs.
 * Files come from a host of their own (downloads.mjs); whose mailbox may be opened by whom says shares.mjs.
 *
 * For tests:
 *   fail({kind, path, method, asks, user, times, ...})  a failure on order; asks: of bodies that hold this text alone; {taken: true}: what
 *              was asked is done before it fails.  Of a write:
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
import { pause, remember, startServer } from '../common/http_server.mjs';
import { requireUser } from '../entra/users.mjs';
import { BATCH, ME, VERSION, bearerOf, fits, pathOf, refusalOf, routeOf } from './admission.mjs';
import { ORDERED, challengeText, graphError, graphHeaders, idsOf, noSuchResource, wrongMethod } from './answers.mjs';
import { BadBatch, badBatch, isJson, partOf, readBatch, wrongType } from './batch.mjs';
import { Call } from './call.mjs';
import { Counts } from './counts.mjs';
import { startDownloads } from './downloads.mjs';
import { MailboxGate } from './mailbox_gate.mjs';
import { GraphRefusal, mailboxBusy } from './refusal.mjs';
import { State } from './state.mjs';
import { ANCHOR } from './world.mjs';

/* What a part of a batch is called when a failure is ordered for it alone. */
const PARTS = { [ME]: 'me', [`${ME}/photo/$value`]: 'photo', [`${ME}/manager`]: 'manager' };

class Graph {
	#server;
	#faults = new Faults(ORDERED);
	#counts = new Counts();
	#gate = new MailboxGate();
	#state;

	/* anchor: the moment that all data is dated from. */
	constructor({ entra, latencyMs = 0, anchor = ANCHOR }) {
		Object.assign(this, { entra, latencyMs, skiptokenBytes: 0 });
		this.requests = [];
		this.#state = new State(entra, anchor);
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

	/* Those of counts.mjs, and connections: accepted since the last resetCounts. */
	get counts() {
		return { ...this.#counts.all, connections: this.#server.connections };
	}

	resetCounts() {
		this.#counts.reset();
		this.requests.length = 0;
		this.#state.forget();
		this.#server.forgetConnections();
		this.downloads.resetCounts();
	}

	get writes() { return this.#state.writes; }
	get sent() { return this.#state.sent; }

	resetData() {
		this.#state.forget();
		this.#state.reset();
	}

	share(mailbox, user, rights) {
		this.#state.shares.give(mailbox, user, rights);
	}

	putFile(user, file) {
		return this.#state.changing(user).putFile(file);
	}

	putAttachment(user, messageId, file) {
		return this.#state.changing(user).putAttachment(messageId, file);
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
		this.#counts.add(exchange, bearer?.user.oid, found.route);
		exchange.entry = this.#remember(exchange.req);
		const path = pathOf(exchange.req.url);
		const { method } = exchange.req;
		if (this.#faults.take((waiting) => waiting.kind === 'close_reading' && fits(waiting, bearer, { path, method })))
			return exchange.destroyConnection();
		if (['POST', 'PATCH'].includes(method)) /* whole: HTTP/2 resets a stream answered too soon */
			exchange.entry.body = await exchange.bodyText();
		const box = found.route?.workload === 'outlook' && bearer ? this.#ownerOf(found.params.mailbox, bearer.user) : undefined;
		const leave = box && (this.#gate.enter(box.oid) ?? 'full');
		if (this.latencyMs > 0)
			await pause(this.latencyMs);
		const { clientRequestId } = exchange.ids; /* met: whom the failure has met, where it meets each but once */
		const fault = this.#faults.take((waiting) => fits(waiting, bearer, { path, method, body: exchange.entry.body })
			&& !waiting.met?.has(clientRequestId));
		fault?.met?.add(clientRequestId);
		try {
			await this.#faults.respond(exchange, fault, () => this.#answer(exchange, token, { ...wanted, found, text: exchange.entry.body,
				full: leave === 'full' }));
		} finally {
			if (typeof leave === 'function')
				leave();
		}
	}

	#remember({ method, url, headers, httpVersion }) {
		const entry = { method, url, headers: { ...headers }, httpVersion };
		remember(this.requests, entry);
		return entry;
	}

	#answer(exchange, token, wanted) {
		const { ids, req, url } = exchange;
		const refusal = refusalOf(ids, token, wanted.bearer);
		if (refusal) {
			this.#counts.all.rejected++;
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
			return this.#state.answer(this.#callOf({ method, route, params, headers, text, ids }, target, bearer));
		} catch (error) {
			if (!(error instanceof GraphRefusal))
				throw error;
			return graphError({ ...error, message: error.message, ids });
		}
	}

	/* The request as the workloads see it, whose permission and rights are enough. */
	#callOf(facts, target, bearer) {
		const { user: caller, scopes } = bearer;
		const { mailbox } = facts.params;
		const user = this.#ownerOf(mailbox, caller) ?? {};
		const path = pathOf(target);
		const call = new Call({ ...facts, user, caller, scopes, rawPath: path, path: path.slice(VERSION.length), search: target.slice(path.length),
			world: this.#state.worldOf(user), sent: this.#state.sent, addressOf: (file) => this.downloads.addressOf(file),
			graphUrl: this.url, skiptokenBytes: this.skiptokenBytes });
		call.checkPermission();
		if (mailbox !== undefined)
			this.#state.shares.check(mailbox, call);
		return call;
	}

	/* Whose mailbox a path names; undefined: nobody's. */
	#ownerOf(mailbox, caller) {
		return mailbox === undefined ? caller : this.#state.shares.find(mailbox);
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
		this.#counts.all.parts++;
		const url = new URL(`${VERSION}${relative}`, 'http://graph.invalid');
		const part = PARTS[url.pathname];
		const fault = this.#faults.take((waiting) => fits(waiting, bearer, { part, path: url.pathname, method }));
		const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
		const wanted = { method, target: `${VERSION}${relative}`, headers: lower, text: JSON.stringify(body), ids, bearer };
		return partOf(id, await this.#faults.answer({ ids, req, url }, fault,
			() => this.#resource({ ...wanted, found: routeOf(wanted) })));
	}
}

/* Starts a sandbox Graph beside entra.  Its url is the handler's GRAPH_BASE_URL. */
export function startGraph({ host = '127.0.0.1', port = 0, tls = false, ...options }) {
	return new Graph(options).start({ host, port, tls });
}
