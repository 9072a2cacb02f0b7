/*
 * Signing a person in: from an authorize request over the pages (who, multi-factor, consent) to a
 * redirect with a code, or with an error.  A session cookie remembers who signed in.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { Refusal, describeRefusal } from './answers.mjs';
import { modeOf, readClient, readParameters, readRequest } from './authorize.mjs';
import { SHARED_TENANTS } from './documents.mjs';
import { accountPage, approvalPage, consentPage, errorPage, formPostPage, mfaPage } from './pages.mjs';
import { b64json } from './user_tokens.mjs';
import { findUser } from './users.mjs';

const COOKIE = 'ESTSAUTH';
const newId = () => randomBytes(24).toString('base64url');

function withParameters(uri, fields, mode) {
	const text = String(new URLSearchParams(fields));
	if (mode === 'fragment')
		return `${uri}#${text}`;
	const whole = /^https?:\/\/[^/?#]+$/.test(uri) ? `${uri}/` : uri;
	return `${whole}${whole.includes('?') ? '&' : '?'}${text}`;
}

/* The answer that takes the browser back to the client. */
function goBack({ redirectUri, mode, state }, fields, headers = {}) {
	const all = { ...fields, ...(state === undefined ? {} : { state }) };
	if (mode === 'form_post') {
		const page = formPostPage(redirectUri, all);
		return { ...page, headers: { ...page.headers, ...headers } };
	}
	return { status: 302, headers: { location: withParameters(redirectUri, all, mode),
		'cache-control': 'no-store, no-cache', ...headers }, body: '' };
}

function cookieOf(exchange) {
	const found = new RegExp(`(?:^|; )${COOKIE}=([\\w-]+)`).exec(exchange.header('cookie') ?? '');
	return found?.[1];
}

/* An open flow: {id, tenant, application, redirectUri, platform, mode, state, request, user, mfa,
 * consented}. */
export class SignIn {
	#flows = new Map();
	#sessions = new Map();

	constructor(entra, grants) {
		this.entra = entra;
		this.directory = entra.directory;
		this.grants = grants;
	}

	reset() {
		this.#flows.clear();
		this.#sessions.clear();
	}

	/* Answers a request to the authorize endpoint: parameters in the query, or in a posted form. */
	async authorize(exchange, tenant) {
		const { req, url } = exchange;
		const search = req.method === 'POST' ? new URLSearchParams(await exchange.bodyText()) : url.searchParams;
		return this.#onPage(exchange, () => {
			this.#checkTenant(tenant);
			const fields = readParameters(search);
			const flow = { id: newId(), tenant, ...readClient(this.directory, fields), mode: modeOf(fields),
				state: fields.state, clientInfo: fields.client_info === '1' };
			return this.#toldBack(exchange, flow, () => this.#begin(exchange, flow, fields));
		});
	}

	/* Answers what a person chose on one of the pages. */
	async step(exchange) {
		const form = Object.fromEntries(new URLSearchParams(await exchange.bodyText()));
		return this.#onPage(exchange, () => {
			const flow = this.#flows.get(form.flow);
			if (!flow)
				throw new Refusal(165000);
			this.#choose(flow, form);
			return this.#toldBack(exchange, flow, () => this.#next(flow, form.action));
		});
	}

	#onPage(exchange, act) {
		try {
			return act();
		} catch (error) {
			if (!(error instanceof Refusal))
				throw error;
			return errorPage(error.message, exchange.trace);
		}
	}

	#toldBack(exchange, flow, act) {
		try {
			return act();
		} catch (error) {
			if (!(error instanceof Refusal))
				throw error;
			this.#flows.delete(flow.id);
			const { error: name, error_description, error_uri } = describeRefusal(error, exchange.trace);
			return goBack(flow, { error: name, error_description, error_uri, ...error.extra.fields });
		}
	}

	#checkTenant(tenant) {
		if (SHARED_TENANTS.includes(tenant))
			throw new Refusal(50194);
		if (!this.entra.knowsTenant(tenant))
			throw new Refusal(90002, `Tenant '${tenant}'.`);
	}

	#begin(exchange, flow, fields) {
		flow.request = readRequest(this.directory, flow, fields);
		this.#flows.set(flow.id, flow);
		const session = this.#sessions.get(cookieOf(exchange));
		const { prompt, loginHint } = flow.request;
		const asks = prompt === 'login' || prompt === 'select_account';
		if (session && !asks && (!loginHint || loginHint === session.user.username))
			Object.assign(flow, session);
		return this.#next(flow);
	}

	/* Who this is, or that it is really them, or that the application may. */
	#choose(flow, { user, action }) {
		if (user !== undefined)
			Object.assign(flow, { user: this.#member(flow, user), mfa: false });
		if (action === 'approve' && flow.user)
			flow.mfa = true;
		if (action === 'accept' && flow.user && this.directory.usersMayConsent) {
			this.directory.consent(flow.application, flow.request.scope?.asked ?? [], flow.user);
			flow.consented = true;
		}
	}

	#member({ tenant }, name) {
		const user = findUser(this.entra.users, name);
		if (user?.tid !== tenant)
			throw new Refusal(50020, `'${name}'.`);
		return user;
	}

	/* The next page, or the way back to the client. */
	#next(flow, action) {
		if (action === 'cancel')
			throw this.#cancelled(flow);
		if (!flow.user)
			return this.#ask(flow, 50058, () => accountPage(flow, this.#accounts(flow)));
		if (!flow.mfa && (flow.request.stepUp || this.#wantsMfa(flow)))
			return this.#ask(flow, 50076, () => mfaPage(flow));
		return this.#consentPage(flow) ?? this.#finish(flow);
	}

	#cancelled({ user, barred }) {
		if (barred)
			return new Refusal(90094);
		return new Refusal(65004, '', { fields: user ? {} : { error_subcode: 'cancel' } });
	}

	/* Under prompt=none no page is shown. */
	#ask({ request }, code, page, extra) {
		if (request.prompt === 'none')
			throw new Refusal(code, '', extra);
		return page();
	}

	#accounts({ tenant, request: { loginHint } }) {
		const members = Object.entries(this.entra.users).filter(([, user]) => user.tid === tenant);
		const hinted = members.filter(([, { username }]) => username === loginHint);
		return hinted.length > 0 ? hinted : members;
	}

	#wantsMfa({ user, request: { scope } }) {
		const resource = scope?.permissions[0]?.resource ?? this.directory.graph;
		return this.directory.wantsMfa(user, resource);
	}

	#consentPage(flow) {
		const { application, request: { scope, prompt }, user, consented } = flow;
		const missing = this.directory.missing(application, scope?.asked ?? [], user);
		if (consented || (missing.length === 0 && prompt !== 'consent'))
			return undefined;
		const error = this.directory.switches.silentConsent;
		return this.#ask(flow, 65001, () => {
			if (this.directory.usersMayConsent)
				return consentPage(flow, missing.length > 0 ? missing : scope.asked);
			flow.barred = true;
			return approvalPage(flow, new Refusal(90094).message);
		}, { error });
	}

	#finish(flow) {
		const { application, redirectUri, platform, user, mfa = false, request } = flow;
		this.#flows.delete(flow.id);
		this.entra.counts.signIns++;
		const sid = randomUUID();
		const code = this.grants.issueCode({ application, redirectUri, platform, user, mfa, sid,
			...request });
		const session = newId();
		this.#sessions.set(session, { user, mfa });
		const clientInfo = flow.clientInfo ? { client_info: b64json({ uid: user.oid, utid: user.tid }) } : {};
		return goBack(flow, { code, ...clientInfo, session_state: sid },
			{ 'set-cookie': `${COOKIE}=${session}; path=/; HttpOnly; SameSite=Lax` });
	}
}
