/*
 * The sandbox Microsoft Graph: GET /v1.0/me for tokens that the sandbox Entra issued for Graph,
 * in the shapes of the real service, and failures on order.
 */
import { Faults } from './faults.mjs';
import { ORDERED, challengeText, deniedScope, graphHeaders, idsOf, invalidToken, meDocument,
	noSuchResource, satisfies, wrongMethod } from './graph_answers.mjs';
import { pause, remember, startServer } from './http_server.mjs';
import { nowSeconds } from './user_tokens.mjs';
import { requireUser } from './users.mjs';

const ME = '/v1.0/me';

const zeroCounts = () => ({ me: 0, rejected: 0, byUser: {}, http2: 0, http1: 0 });

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

	/* me: requests for /me however answered, byUser: those of them with a known token;
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

	/* Orders a failure: {kind, times, user, ...}; kinds: faults.mjs, graph_answers.mjs.
	 * "cae" lasts, unless times says otherwise, for every token minted without its claims. */
	fail({ user, ...fault }) {
		const { users } = this.entra;
		const oid = user === undefined ? undefined : requireUser(users, user).oid;
		const { kind, times = Infinity, claims } = fault;
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
		this.#count(exchange, bearer?.user.oid);
		if (this.latencyMs > 0)
			await pause(this.latencyMs);
		const fault = this.#faults.take((waiting) => fits(waiting, bearer));
		return this.#faults.respond(exchange, fault,
			() => this.#answer(exchange, token, bearer));
	}

	#count({ req, url }, oid) {
		const counts = this.#counts;
		counts[req.httpVersionMajor === 2 ? 'http2' : 'http1']++;
		if (url.pathname === ME) {
			counts.me++;
			if (oid)
				counts.byUser[oid] = (counts.byUser[oid] ?? 0) + 1;
		}
		remember(this.requests, { method: req.method, url: req.url,
			headers: { ...req.headers }, httpVersion: req.httpVersion });
	}

	#answer(exchange, token, bearer) {
		const { ids, req, url } = exchange;
		const refusal = refusalOf(ids, token, bearer);
		if (refusal) {
			this.#counts.rejected++;
			return refusal;
		}
		if (url.pathname !== ME)
			return noSuchResource(ids, url.pathname);
		if (req.method !== 'GET')
			return wrongMethod(ids);
		return meDocument(bearer.user, url.searchParams.get('$select'), ids);
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

function fits(waiting, bearer) {
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
