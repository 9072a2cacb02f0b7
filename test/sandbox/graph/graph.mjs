/*
 * The sandbox Microsoft Graph: GET /v1.0/me, its photo and manager, and POST /v1.0/$batch of them,
 * for tokens that the sandbox Entra issued for Graph, in the shapes of the real service, and
 * failures on order.
 */
import { Faults } from '../common/faults.mjs';
import { ORDERED, challengeText, deniedScope, graphHeaders, idsOf, invalidToken, meDocument,
	managerDocument, noSuchResource, photoBytes, satisfies, wrongMethod } from './answers.mjs';
import { BadBatch, badBatch, isJson, partOf, readBatch, wrongType } from './batch.mjs';
import { pause, remember, startServer } from '../common/http_server.mjs';
import { nowSeconds } from '../entra/user_tokens.mjs';
import { requireUser } from '../entra/users.mjs';

const ME = '/v1.0/me';
const BATCH = '/v1.0/$batch';

/* What a part of a batch is called when a failure is ordered for it alone. */
const PARTS = { [ME]: 'me', [`${ME}/photo/$value`]: 'photo', [`${ME}/manager`]: 'manager' };

const zeroCounts = () => ({ me: 0, batch: 0, parts: 0, rejected: 0, byUser: {}, http2: 0,
	http1: 0 });

class Graph {
	#server;
	#faults = new Faults(ORDERED);
	#counts = zeroCounts();

	constructor({ entra, latencyMs = 0 }) {
		this.entra = entra;
		this.latencyMs = latencyMs;
		this.requests = [];
	}

	async start({ host, port, tls }) {
		const onExchange = (exchange) => this.#onExchange(exchange);
		this.#server = await startServer({ host, port, tls, onExchange });
		this.url = this.#server.url;
		this.entra.attachGraph(this);
		return this;
	}

	/* me: requests for /me however answered, byUser: those of them with a known token; batch:
	 * requests for $batch, parts: requests within them;
	 * rejected: refused for their token, failures on order not included; connections:
	 * accepted since the last resetCounts. */
	get counts() {
		return { ...this.#counts, connections: this.#server.connections };
	}

	resetCounts() {
		this.#counts = zeroCounts();
		this.requests.length = 0;
		this.#server.forgetConnections();
	}

	/* Orders a failure: {kind, times, user, part, ...}; kinds: faults.mjs, graph_answers.mjs.
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

	clearFailures() {
		this.#faults.clear();
	}

	close() {
		return this.#server.close();
	}

	async #onExchange(exchange) {
		exchange.ids = idsOf(exchange);
		exchange.baseHeaders = graphHeaders(exchange.ids);
		const token = bearerOf(exchange.header('authorization'));
		const bearer = this.entra.introspectGraphToken(token);
		exchange.entry = this.#count(exchange, bearer?.user.oid);
		if (exchange.req.method === 'POST') /* whole: HTTP/2 resets a stream answered too soon */
			exchange.entry.body = await exchange.bodyText();
		if (this.latencyMs > 0)
			await pause(this.latencyMs);
		const { clientRequestId } = exchange.ids; /* met: whom the failure has met, where it meets each but once */
		const fault = this.#faults.take((waiting) => fits(waiting, bearer) && !waiting.met?.has(clientRequestId));
		fault?.met?.add(clientRequestId);
		return this.#faults.respond(exchange, fault,
			() => this.#answer(exchange, token, bearer));
	}

	#count({ req, url }, oid) {
		const counts = this.#counts;
		counts[req.httpVersionMajor === 2 ? 'http2' : 'http1']++;
		if (url.pathname === BATCH)
			counts.batch++;
		if (url.pathname === ME) {
			counts.me++;
			if (oid)
				counts.byUser[oid] = (counts.byUser[oid] ?? 0) + 1;
		}
		const entry = { method: req.method, url: req.url, headers: { ...req.headers },
			httpVersion: req.httpVersion };
		remember(this.requests, entry);
		return entry;
	}

	#answer(exchange, token, bearer) {
		const { ids, req, url } = exchange;
		const refusal = refusalOf(ids, token, bearer);
		if (refusal) {
			this.#counts.rejected++;
			return refusal;
		}
		if (url.pathname === BATCH && req.method === 'POST')
			return this.#batch(exchange, bearer);
		return this.#resource({ method: req.method, url, ids, bearer });
	}

	#resource({ method, url, ids, bearer: { user } }) {
		const part = PARTS[url.pathname];
		if (part === undefined && url.pathname !== BATCH)
			return noSuchResource(ids, url.pathname);
		if (method !== 'GET' || part === undefined)
			return wrongMethod(ids);
		if (part === 'photo')
			return photoBytes(user, ids);
		if (part === 'manager')
			return managerDocument(this.entra.users[user.manager], ids);
		return meDocument(user, url.searchParams.get('$select'), ids);
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

	async #part({ ids, req }, { id, method, url: relative }, bearer) {
		this.#counts.parts++;
		const url = new URL(`/v1.0${relative}`, 'http://graph.invalid');
		const part = PARTS[url.pathname];
		const fault = this.#faults.take((waiting) => fits(waiting, bearer, part));
		return partOf(id, await this.#faults.answer({ ids, req, url }, fault,
			() => this.#resource({ method, url, ids, bearer })));
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
	return bearer.scopes.includes('User.Read') ? undefined : deniedScope(ids);
}

/* part: of a batch, undefined: the request itself. */
function fits(waiting, bearer, part) {
	if (waiting.part !== part)
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
