/*
 * Requests to Azure's interfaces: with a token for whom they are for, repeated where Azure is busy or does not
 * know yet what was just made, refused with Azure's own words.
 */
import { az, tokenFor } from './az.mjs';
import { Stop } from './run.mjs';

const REQUEST_LIMIT_MS = 180_000;
const TOKEN_MARGIN_MS = 300_000;
const BUSY = [429, 500, 502, 503, 504];
/* A thing that still changes takes no other change: refused as a conflict, in words of many kinds. */
const CHANGES = /PessimisticConcurrencyConflict|OperationInProgress|ServiceNotActive|ServiceLocked|another operation|operation (is )?(already )?in progress|transitioning|try (the request |the operation )?again (later|when|after)/i;
const isBusy = (status, words) => BUSY.includes(status) || (status === 409 && CHANGES.test(words));

/* What a service refused: {status, code, reason, busy: it may take it later} beside the words. */
export class Refused extends Stop {
	constructor(what, { status, code, reason }) {
		const busy = isBusy(status, `${code}: ${reason}`);
		super(`${what}: ${status} ${code}: ${reason}`, adviceFor({ status, code, reason, busy }));
		Object.assign(this, { status, code, reason, busy });
	}
}

/* Of "CODE: reason". */
const ADVICE = [
	[/soft-?deleted|in deleted state/i, 'A deleted one holds the name, and you may not bring it back: have it purged by who has rights in the subscription, or choose another NAME.'],
	[/^AuthorizationFailed: .* action '\S+\/register\/action'/, 'Who has rights in the subscription has to register the namespace once: az provider register --wait --namespace NAMESPACE.'],
	[/^AuthorizationFailed:/, 'You need Owner of the resource group, or Contributor and User Access Administrator.'],
	[/^RequestDisallowedByPolicy:/, 'A policy of your organisation forbids it: ask who keeps the policy, or choose another setting (docs/deploy.md).'],
	[/^[^:]*(AlreadyTaken|AlreadyExists|NameUnavailable|AccountNameInvalid)/, 'The name is taken somewhere in Azure: choose another NAME.'],
	[/^InvalidResourceLocation:/, 'It is there already, in another region: set LOCATION to that one, or choose another NAME.'],
	[/^MissingSubscriptionRegistration:/, 'Its resource provider is being registered: run it again in a minute.'],
	[/^[^:]*Quota/, 'The subscription has no room for it in this region: choose another LOCATION, or ask for quota.'],
	[/^(LocationNotAvailableForResourceType|SkuNotAvailable|NotAvailableForSubscription):/, 'The region has none of these: choose another LOCATION or APIM_SKU.'],
	[/^[^:]*(Conflict|InProgress|NotActive)/, 'Something else is changing it, or has its name: look at it in the portal, then run it again, or choose another NAME.'],
];
function adviceFor({ status, code, reason, busy }) {
	if (busy && status !== 409) return 'Azure is busy or out of order there: run it again, it goes on where it stopped.';
	return ADVICE.find(([pattern]) => pattern.test(`${code}: ${reason}`))?.[1];
}

/* {code, reason} of an answer in any of the forms that Azure refuses in. */
function refusalOf(body, text) {
	const error = body?.error ?? body?.Error ?? body;
	if (typeof error === 'string') return { code: error, reason: body.error_description ?? '' };
	const details = (error?.details ?? []).map((one) => one?.message).filter(Boolean);
	const code = error?.innererror?.code && /^(Forbidden|Conflict)$/.test(error.code) ? error.innererror.code : error?.code ?? error?.Code ?? 'no code';
	return { code, reason: [error?.message ?? error?.Message ?? text.slice(0, 300), ...details].join(' ').replace(/\s+/g, ' ').trim() };
}

function parsed(text) {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/* An address that an answer gave, to be asked next.  The token goes along, and so to nobody else than who was asked. */
export function follow(base, address) {
	const [own, next] = [new URL(base), new URL(address, base)];
	if (next.protocol === own.protocol && (next.host === own.host || next.host.endsWith(`.${own.host}`))) return next.href;
	throw new Stop(`An answer of ${own.host} leads to ${next.host}, which gets no token.`, 'Look at the proxy between here and Azure.');
}

export class Http {
	#tokens = new Map();

	/* token, send: what gives a token and what sends, for who tests this. */
	constructor(run, { token = tokenFor, send = fetch } = {}) {
		Object.assign(this, { run, token, send });
	}

	async #token(audience) {
		const there = this.#tokens.get(audience);
		if (there && there.endsMs - TOKEN_MARGIN_MS > Date.now()) return there.value;
		const token = await this.token(audience);
		this.run.keepSecret(token.value);
		this.#tokens.set(audience, token);
		return token.value;
	}

	/* What the token for an audience says of who it is of. */
	async claims(audience) {
		return JSON.parse(Buffer.from((await this.#token(audience)).split('.')[1], 'base64url'));
	}

	/* {status, headers, body}; body: JSON, else undefined, and text.
	 * question: {method, url, audience (undefined: no token), body, headers,
	 *   label: what it is about, for the words of a refusal,
	 *   may: statuses of 400 and above that are an answer, not a refusal,
	 *   reads: a POST that changes nothing,
	 *   once: what must not be done twice, as it makes another each time: an answer that got lost stops it,
	 *   patience: (refused) => whether it is refused only because something new is not known everywhere yet} */
	async ask(question) {
		const { method = 'GET', reads = method === 'GET' || method === 'HEAD' } = question;
		if (this.run.whatIf && !reads) throw new Error(`--what-if writes nothing, but ${method} ${new URL(question.url).pathname} was asked for`);
		const asked = { ...question, method };
		for (let left = this.run.options.TRIES; ; left--) {
			const { answer, refused } = await this.#try(asked);
			if (answer) return answer;
			if (left <= 1 || !this.#worthAnother(question, refused)) throw refused;
			const why = refused.busy ? `${refused.status ?? 'no answer'}, asked again` : 'not known everywhere yet, tried again';
			await this.run.again(question.label ?? new URL(question.url).pathname, why, left, refused.retryAfter);
		}
	}

	#worthAnother({ once, patience }, refused) {
		if (refused.busy && [409, 429].includes(refused.status)) return true;
		if (refused.busy) return !once;
		return Boolean(refused.renew || patience?.(refused));
	}

	/* {answer} or {refused}. */
	async #try(question) {
		const { method, url, audience, may = [], label = `${method} ${new URL(url).host}${new URL(url).pathname}` } = question;
		let response;
		let text;
		try {
			response = await this.#send(question);
			text = await response.text();
		} catch (error) {
			if (error instanceof Stop) throw error;
			const reason = error.cause?.code ?? error.cause?.message ?? error.message;
			return { refused: Object.assign(new Stop(`${label}: no answer from ${new URL(url).host} (${reason}).`, 'Look at the network and its proxy, then run it again: it goes on where it stopped.'), { busy: true }) };
		}
		const { status, headers } = response;
		const body = parsed(text);
		if (status < 400 || may.includes(status)) return { answer: { status, headers, body, text } };
		const refused = new Refused(label, { status, ...refusalOf(body, text) });
		const renew = status === 401 && this.#tokens.delete(audience) && !question.renewed;
		question.renewed ||= renew;
		return { refused: Object.assign(refused, { renew, retryAfter: headers.get('retry-after') }) };
	}

	async #send({ method, url, audience, body, headers = {} }) {
		const token = audience && await this.#token(audience);
		return this.send(url, { method, redirect: 'manual', signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
			headers: { accept: 'application/json', ...(token && { authorization: `Bearer ${token}` }),
				...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
			body: body === undefined ? undefined : JSON.stringify(body) });
	}
}

/* {subscription, tenantId, userType, userName, cloudName} of who is signed in. */
export async function account() {
	const { id, tenantId, user, environmentName } = await az(['account', 'show']);
	return { subscription: id, tenantId, userType: user.type, userName: user.name, cloudName: environmentName };
}
