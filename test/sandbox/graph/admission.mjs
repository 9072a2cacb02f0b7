/* What a request is, before anybody answers it: its path and route, its token, and whether an ordered failure is meant for it. */
import { nowSeconds } from '../entra/user_tokens.mjs';
import { invalidToken, satisfies } from './answers.mjs';
import { GraphRefusal } from './refusal.mjs';
import { findRoute } from './routes.mjs';

export const VERSION = '/v1.0';
export const ME = `${VERSION}/me`;
export const BATCH = `${VERSION}/$batch`;

export const pathOf = (target) => target.split('?', 1)[0];

/* findRoute's answer, or the refusal of a path that is none. */
export function routeOf({ method, target }) {
	const path = pathOf(target);
	try {
		return path.startsWith(`${VERSION}/`) ? findRoute(method, path.slice(VERSION.length)) : { methods: [] };
	} catch (refusal) {
		if (!(refusal instanceof GraphRefusal))
			throw refusal;
		return { refusal };
	}
}

export function bearerOf(authorization = '') {
	return /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1];
}

export function refusalOf(ids, token, bearer) {
	if (!token)
		return invalidToken(ids, 'Access token is empty.');
	if (!bearer)
		return invalidToken(ids, 'Access token validation failure. Invalid audience.');
	if (bearer.exp <= nowSeconds())
		return invalidToken(ids, 'Lifetime validation failed, the token is expired.');
	return undefined;
}

/* part: of a batch, undefined: the request itself. */
export function fits(waiting, bearer, { part, path, method, body = '' }) {
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
