/*
 * The host that files come from: GET .../content of the sandbox Graph answers 302 to a preauthenticated address here, on a port
 * of its own.  Whoever comes with the address is served, until it is too old; whoever shows a token besides is refused and counted.
 *
 * For tests (graph.downloads): url; requests ({method, url, headers, token (whether one was shown)}); counts; fail({kind, times, ...}) as of
 * Graph, where beside the kinds of common/faults.mjs there are
 *   redirect  {location}: on to another address (a chain);
 *   declared  {length}: a Content-Length that is not the file's; the connection ends with the file;
 *   typed     {type}: another Content-Type over the same bytes;
 *   bytes     {bytes, measured}: so many bytes in place of the file, with their Content-Length or chunked;
 *   expired   as an old address is refused.
 * age(seconds) makes every address given so far older.
 */
import { randomBytes } from 'node:crypto';
import { Faults } from '../common/faults.mjs';
import { remember, startServer } from '../common/http_server.mjs';

const LIFE_S = 3600;
const CHUNK = Buffer.alloc(64 * 1024, 'x');
const REFUSED = { status: 401, headers: { 'content-type': 'text/plain', 'www-authenticate': 'Bearer realm="sandbox"' }, body: '401 UNAUTHORIZED' };

/* The failures in the host's own language, kind -> (fault). */
const ORDERED = {
	redirect: ({ location, status = 302 }) => ({ status, headers: { location }, body: '' }),
	expired: () => REFUSED,
};

/* Those that deliver the file's answer otherwise, kind -> (exchange, fault, answer). */
const DELIVERED = {
	declared(exchange, { length }, answer) {
		exchange.start(answer, length);
		exchange.res.write(answer.body, () => exchange.destroyConnection());
	},
	typed: (exchange, { type }, answer) => exchange.send({ ...answer, headers: { ...answer.headers, 'content-type': type } }),
	async bytes(exchange, { bytes, measured = true }, answer) {
		exchange.start(answer, measured ? bytes : undefined);
		for (let left = bytes; left > 0 && !exchange.gone; left -= CHUNK.length) {
			if (!exchange.res.write(CHUNK.subarray(0, Math.min(left, CHUNK.length))))
				await new Promise((resolve) => { exchange.res.once('drain', resolve).once('close', resolve); });
		}
		exchange.res.end();
	},
};

class Downloads {
	#server;
	#faults = new Faults(ORDERED, DELIVERED);
	#given = new Map();
	#seconds = 0;
	requests = [];
	#counts = { served: 0, refused: 0, withToken: 0 };

	async start({ host, tls }) {
		this.#server = await startServer({ host, tls, onExchange: (exchange) => this.#onExchange(exchange) });
		this.url = this.#server.url;
		return this;
	}

	/* served, refused, withToken (requests that showed one), connections. */
	get counts() {
		return { ...this.#counts, connections: this.#server.connections };
	}

	resetCounts() {
		this.#counts = { served: 0, refused: 0, withToken: 0 };
		this.requests.length = 0;
		this.#server.forgetConnections();
	}

	fail(fault) {
		this.#faults.add(fault);
	}

	clearFailures() {
		this.#faults.clear();
	}

	age(seconds) {
		this.#seconds += seconds;
	}

	/* A new address of a file: {name, type, bytes}. */
	addressOf(file) {
		const tempauth = `v1.${randomBytes(24).toString('base64url')}`;
		this.#given.set(tempauth, { file, until: this.#seconds + LIFE_S });
		return `${this.url}/personal/_layouts/15/download.aspx?UniqueId=${randomBytes(16).toString('hex')}&Translate=false&tempauth=${tempauth}&ApiVersion=2.0`;
	}

	close() {
		return this.#server.close();
	}

	#onExchange(exchange) {
		const { req } = exchange;
		const token = req.headers.authorization !== undefined;
		remember(this.requests, { method: req.method, url: req.url, headers: { ...req.headers }, token });
		if (token)
			this.#counts.withToken++;
		return this.#faults.respond(exchange, this.#faults.take(() => true), () => this.#answer(exchange, token));
	}

	#answer({ req, url }, token) {
		const given = this.#given.get(url.searchParams.get('tempauth'));
		if (token || req.method !== 'GET' || !given || given.until <= this.#seconds) {
			this.#counts.refused++;
			return REFUSED;
		}
		this.#counts.served++;
		const { name, type, bytes } = given.file;
		return { status: 200, body: bytes, headers: { 'content-type': type, 'accept-ranges': 'bytes',
			'content-disposition': `attachment;filename*=UTF-8''${encodeURIComponent(name)}` } };
	}
}

export const startDownloads = (options) => new Downloads().start(options);
