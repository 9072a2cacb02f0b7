/*
 * Failures on order.  A test asks for a kind, how often, and for whom; the service takes the
 * first that fits a request.  Kinds that only break the transport live here and serve Entra and
 * Graph alike; each service adds the ones that speak its own error language.
 */
import { gzipSync } from 'node:zlib';
import { bodyBytes, jsonType, pause } from './http_server.mjs';

const HUGE_BYTES = 6 * 1024 * 1024;
const ENDLESS = Buffer.alloc(16 * 1024, ' ');
const html = { 'content-type': 'text/html; charset=utf-8' };

function page(status, title) {
	const head = `<head><title>${title}</title></head>`;
	const body = `<html>${head}<body><h1>${title}</h1></body></html>`;
	return { status, headers: html, body };
}

/* The Retry-After header: seconds, or any text such as a date.  null asks for none. */
export function retryAfter(fault, otherwise) {
	const value = fault.retryAfter === undefined ? otherwise : fault.retryAfter;
	return value === undefined || value === null ? {} : { 'retry-after': String(value) };
}

/* Answers that stand in for the real one, which is then never computed. */
const REPLACEMENTS = {
	http_503: (fault) => ({ status: 503, headers: { 'content-type': 'text/plain',
		...retryAfter(fault) }, body: 'The service is unavailable.' }),
	http_500_html: () => page(500, 'Internal Server Error'),
	html_502: () => page(502, 'Bad Gateway'),
	http_429: (fault) => ({ status: 429, headers: retryAfter(fault, 60), body: '' }),
	empty_body: () => ({ status: 200, headers: jsonType, body: '' }),
	not_json: () => ({ status: 200, headers: jsonType, body: 'surprise: not JSON' }),
	huge: () => ({ status: 200, headers: jsonType, streamed: true,
		body: `{"filler":"${'a'.repeat(HUGE_BYTES)}"}` }),
	raw: ({ status, headers, body }) => ({ status, headers, body }),
};

const goodbyes = new WeakSet();	/* HTTP/2 sessions that said one */

/* Kinds that spoil the delivery; all but the first two deliver the real answer. */
const DELIVERIES = {
	close(exchange) {
		exchange.destroyConnection();
	},
	/* Only this HTTP/2 stream; on HTTP/1.1 the connection is the stream. */
	reset(exchange) {
		(exchange.req.stream ?? exchange.socket).destroy();
	},
	async slow(exchange, fault, real) {
		await pause(fault.ms ?? 10_000);
		exchange.send(await real());
	},
	/* The answer, when the test lets it go. */
	async held(exchange, { until }, real) {
		await until;
		exchange.send(await real());
	},
	async truncated_json(exchange, fault, real) {
		const answer = await real();
		const bytes = bodyBytes(answer.body);
		exchange.send({ ...answer, body: bytes.subarray(0, bytes.length >> 1) });
	},
	/* Promises more bytes than it sends, then drops the connection. */
	async cut_body(exchange, fault, real) {
		await sendHalf(exchange, await real());
		await pause(20);
		exchange.destroyConnection();
	},
	/* Sends half the body and then nothing, for as long as the client waits. */
	async stall(exchange, fault, real) {
		await sendHalf(exchange, await real());
	},
	/* Half of the body, and the rest after a while. */
	async halting(exchange, fault, real) {
		const answer = await real();
		const bytes = bodyBytes(answer.body);
		await sendHalf(exchange, answer);
		await pause(fault.ms ?? 1000);
		exchange.res.end(bytes.subarray(bytes.length >> 1));
	},
	/* A byte, and after ms the next one; the rest when `until` is over. */
	async drip(exchange, { ms = 1000, until: rest }, real) {
		const answer = await real();
		const bytes = bodyBytes(answer.body);
		exchange.start(answer, bytes.length);
		for (let at = 0; at < bytes.length && !exchange.gone; at++) {
			exchange.res.write(bytes.subarray(at, at + 1));
			await Promise.race([pause(ms), rest].filter(Boolean));
		}
		exchange.res.end();
	},
	/* A body without an end. */
	async endless(exchange, fault, real) {
		exchange.start(await real());
		const more = () => {
			while (!exchange.gone && exchange.res.write(ENDLESS))
				continue;
		};
		exchange.res.on('drain', more);
		more();
	},
	/* Ends the stream by a number of RFC 9113 section 7, before the answer. */
	rst(exchange, { code }) {
		exchange.req.stream.close(code);
	},
	/* The same after the first half of the answer. */
	async rst_midway(exchange, { code }, real) {
		await sendHalf(exchange, await real());
		exchange.req.stream.close(code);
	},
	/* The connection takes no more streams; what it has, this one too, it answers. */
	async goaway(exchange, fault, real) {
		const { session, id } = exchange.req.stream;
		if (!goodbyes.has(session)) /* a second one may not name a later stream (RFC 9113 section 6.8) */
			session.goaway(0, id);
		goodbyes.add(session);
		exchange.send(await real());
	},
	/* Half of an answer whose length nobody knows; then a goodbye, and the connection ends. */
	async goaway_midway(exchange, { code }, real) {
		const { session, id } = exchange.req.stream;
		await sendHalf(exchange, await real(), false);
		session.goaway(code, id);
		await pause(20);
		exchange.destroyConnection();
	},
	/* The same, and the second of two goodbyes breaks the protocol: the other side ends all. */
	async unsound(exchange, fault, real) {
		const { session, id } = exchange.req.stream;
		await sendHalf(exchange, await real(), false);
		session.goaway(0, id);
		session.goaway(0, id + 2);
	},
	/* The answer, among so many pings. */
	async pings(exchange, { pings }, real) {
		const { session } = exchange.req.stream;
		for (let n = 0; n < pings; n++)
			session.ping(() => {});
		exchange.send(await real());
	},
	async gzip(exchange, fault, real) {
		const answer = await real();
		const headers = { ...answer.headers, 'content-encoding': 'gzip' };
		exchange.send({ ...answer, headers, body: gzipSync(bodyBytes(answer.body)) });
	},
	/* The answer arrives whole; the connection it came on dies just after, unannounced. */
	async close_idle(exchange, fault, real) {
		exchange.res.once('finish', async () => {
			await pause(fault.ms ?? 20);
			await exchange.closeConnection();
		});
		exchange.send(await real());
	},
};

function sendHalf(exchange, answer, measured = true) {
	const bytes = bodyBytes(answer.body);
	exchange.start(answer, measured ? bytes.length : undefined);
	return new Promise((resolve) => {
		exchange.res.write(bytes.subarray(0, bytes.length >> 1), resolve);
	});
}

/* The failures waiting for one service.  answers: the service's own kinds, kind -> answer; deliveries: those of its own that
 * spoil the delivery of the real one, kind -> (exchange, fault, answer). */
export class Faults {
	#waiting = [];
	#answers;
	#deliveries;

	constructor(answers, deliveries = {}) {
		this.#answers = answers;
		this.#deliveries = deliveries;
	}

	get kinds() {
		return Object.keys({ ...REPLACEMENTS, ...DELIVERIES, ...this.#answers, ...this.#deliveries });
	}

	add(fault) {
		if (!this.kinds.includes(fault.kind))
			throw new Error(`unknown kind "${fault.kind}" of ${this.kinds.join(' ')}`);
		const times = fault.times ?? 1;
		if (times !== Infinity && !(Number.isInteger(times) && times > 0))
			throw new Error('times must be a positive whole number or Infinity');
		this.#waiting.push({ ...fault, times });
	}

	clear() {
		this.#waiting = [];
	}

	/* The first waiting failure that fits, used up by one; undefined when none does. */
	take(fits) {
		const fault = this.#waiting.find(fits);
		if (fault && --fault.times <= 0)
			this.#waiting = this.#waiting.filter((other) => other !== fault);
		return fault;
	}

	/* The answer to what is only a part of an exchange; kinds that spoil a delivery have none. */
	async answer(exchange, fault, real) {
		const replace = fault && (this.#answers[fault.kind] ?? REPLACEMENTS[fault.kind]);
		if (fault && !replace)
			throw new Error(`kind "${fault.kind}" cannot be a part's`);
		return replace ? replace(fault, exchange) : real();
	}

	/* Answers an exchange: with real() when fault is undefined, else as the fault says; where it says "taken", what
	 * was asked is done all the same. */
	async respond(exchange, fault, real) {
		if (!fault)
			return exchange.send(await real());
		if (fault.taken) {
			const answer = await real();
			return this.respond(exchange, { ...fault, taken: false }, () => answer);
		}
		const replace = this.#answers[fault.kind] ?? REPLACEMENTS[fault.kind];
		if (replace)
			return exchange.send(await replace(fault, exchange));
		const own = this.#deliveries[fault.kind];
		return own ? own(exchange, fault, await real()) : DELIVERIES[fault.kind](exchange, fault, real);
	}
}
