/*
 * Two places that hand out tokens for a client to prove itself with, neither knowing a secret of
 * the application: the managed identity endpoint of an App Service, and an issuer outside Entra
 * whose tokens land in a file (a Kubernetes cluster, say).
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { EXCHANGE_AUDIENCE } from './client_assertion.mjs';
import { Faults } from '../common/faults.mjs';
import { jsonType, pause, remember, startServer } from '../common/http_server.mjs';
import { makeKey } from './keyring.mjs';
import { assemble, nowSeconds } from './user_tokens.mjs';

const API_VERSION = '2019-08-01';

const refusal = (status, message) => ({ status, headers: jsonType,
	body: { statusCode: status, message, correlationId: randomUUID() } });

/* requests: all; tokens: handed out; rejected: refused by a check, not on order. */
const zeroCounts = () => ({ requests: 0, tokens: 0, rejected: 0 });

class ManagedIdentity {
	#server;
	#faults = new Faults({});

	constructor(entra) {
		this.entra = entra;
		this.header = randomBytes(24).toString('base64url');
		this.principalId = randomUUID();	/* of the system-assigned identity */
		this.assigned = {};	/* client id -> principal id of user-assigned ones */
		this.expiresIn = 86_400;
		this.latencyMs = 0;
		this.numericExpiry = false;
		this.counts = zeroCounts();
		this.requests = [];
	}

	async start() {
		const onExchange = (exchange) => this.#onExchange(exchange);
		this.#server = await startServer({ onExchange });
		this.url = `${this.#server.url}/msi/token`;
		return this;
	}

	/* What the platform sets for an app that has the identity. */
	get env() {
		return { IDENTITY_ENDPOINT: this.url, IDENTITY_HEADER: this.header };
	}

	/* What a registration must trust for the identity with that client id (none: system). */
	federation(clientId) {
		const subject = clientId === undefined ? this.principalId : this.assigned[clientId];
		return { issuer: `${this.entra.url}/${this.entra.tenantId}/v2.0`, subject };
	}

	/* A user-assigned identity; returns its client id. */
	assign() {
		const clientId = randomUUID();
		this.assigned[clientId] = randomUUID();
		return clientId;
	}

	/* Orders a failure: {kind, times, ...}; kinds: faults.mjs. */
	fail(fault) {
		this.#faults.add(fault);
	}

	reset() {
		this.#faults.clear();
		this.counts = zeroCounts();
		this.requests.length = 0;
	}

	close() {
		return this.#server.close();
	}

	async #onExchange(exchange) {
		const { req, url } = exchange;
		this.counts.requests++;
		remember(this.requests, { method: req.method, url: req.url, headers: { ...req.headers } });
		if (this.latencyMs > 0)
			await pause(this.latencyMs);
		return this.#faults.respond(exchange, this.#faults.take(() => true),
			() => this.#answer(exchange, url.searchParams));
	}

	#answer(exchange, query) {
		const wrong = this.#wrong(exchange, query);
		if (!wrong)
			return this.#token(query);
		this.counts.rejected++;
		return wrong;
	}

	#wrong({ req, url }, query) {
		if (req.method !== 'GET' || url.pathname !== '/msi/token')
			return refusal(404, 'No such resource.');
		if (req.headers['x-identity-header'] !== this.header)
			return refusal(401, 'X-IDENTITY-HEADER is missing or wrong.');
		if (query.get('api-version') !== API_VERSION || !query.get('resource'))
			return refusal(400, 'api-version or resource is missing or wrong.');
		const clientId = query.get('client_id');
		if (clientId !== null && !this.assigned[clientId])
			return refusal(400, 'No such identity is assigned to this app.');
		return undefined;
	}

	async #token(query) {
		const clientId = query.get('client_id') ?? undefined;
		const { issuer, subject } = this.federation(clientId);
		const [now, resource] = [nowSeconds(), query.get('resource')];
		const exp = now + this.expiresIn;
		const access_token = await this.entra.sign({ aud: resource, iss: issuer, sub: subject,
			oid: subject, tid: this.entra.tenantId, idtyp: 'app', iat: now, nbf: now, exp,
			ver: '2.0' });
		this.counts.tokens++;
		return { status: 200, headers: jsonType, body: { access_token, resource,
			expires_on: this.numericExpiry ? exp : String(exp), token_type: 'Bearer',
			client_id: clientId ?? this.principalId } };
	}
}

/* A managed identity endpoint whose tokens entra issues. */
export function startIdentity({ entra }) {
	return new ManagedIdentity(entra).start();
}

/* An issuer of its own: publishes metadata and keys, mints what it is asked to. */
class Issuer {
	#server;

	async start() {
		this.key = await makeKey();
		this.#server = await startServer({ onExchange: (exchange) => this.#onExchange(exchange) });
		this.url = this.#server.url;
		return this;
	}

	mint({ subject, audience = EXCHANGE_AUDIENCE, expiresIn = 3600, claims = {} }) {
		const now = nowSeconds();
		return assemble({ typ: 'JWT', alg: 'RS256', kid: this.key.kid }, { iss: this.url,
			sub: subject, aud: audience, iat: now, nbf: now - 5, exp: now + expiresIn,
			jti: randomUUID(), ...claims }, this.key);
	}

	close() {
		return this.#server.close();
	}

	#onExchange(exchange) {
		const { kid, jwk } = this.key;
		const documents = {
			'/.well-known/openid-configuration': { issuer: this.url,
				jwks_uri: `${this.url}/keys` },
			'/keys': { keys: [{ kty: 'RSA', use: 'sig', kid, n: jwk.n, e: jwk.e }] },
		};
		const body = documents[exchange.url.pathname];
		return exchange.send(body ? { headers: jsonType, body } : { status: 404, body: '' });
	}
}

export function startIssuer() {
	return new Issuer().start();
}
