/*
 * What Microsoft Graph says: the /me document, its errors, and the failures a test can order.
 * Pure functions from facts to {status, headers, body}.
 */
import { randomUUID } from 'node:crypto';
import { retryAfter } from '../common/faults.mjs';
import { nowSeconds } from '../entra/user_tokens.mjs';

const CONTEXT = 'https://graph.microsoft.com/v1.0/$metadata#users';
const GRAPH_APP_ID = '00000003-0000-0000-c000-000000000000';
const BEARER = `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/`
	+ `oauth2/authorize", client_id="${GRAPH_APP_ID}"`;

const DATA_TYPE = { 'content-type': 'application/json;odata.metadata=minimal;'
	+ 'odata.streaming=true;IEEE754Compatible=false;charset=utf-8' };
const ERROR_TYPE = { 'content-type': 'application/json' };

/* In Graph's order: "id" last. */
const DEFAULT_PROPERTIES = ['businessPhones', 'displayName', 'givenName', 'jobTitle', 'mail',
	'mobilePhone', 'officeLocation', 'preferredLanguage', 'surname', 'userPrincipalName', 'id'];
const PERSONAL_PROPERTIES = ['displayName', 'surname', 'givenName', 'id', 'userPrincipalName'];

const SELECTABLE = {
	businessPhones: (user) => user.businessPhones,
	displayName: (user) => user.name,
	givenName: (user) => user.givenName,
	jobTitle: (user) => user.jobTitle,
	mail: (user) => user.mail,
	mobilePhone: (user) => user.mobilePhone,
	officeLocation: (user) => user.officeLocation,
	preferredLanguage: (user) => user.preferredLanguage,
	surname: (user) => user.surname,
	userPrincipalName: (user) => user.username,
	id: (user) => user.oid,
	accountEnabled: () => true,
	city: () => null,
	companyName: () => null,
	country: () => null,
	createdDateTime: () => '2024-02-29T12:34:56Z',
	department: (user) => user.department,
	employeeId: () => null,
	mailNickname: (user) => user.username.split(/[@#]/)[0],
	otherMails: () => [],
	postalCode: () => null,
	state: () => null,
	streetAddress: () => null,
	usageLocation: () => null,
	userType: (user) => (user.kind === 'guest' ? 'Guest' : 'Member'),
};

/* The ids of one answer; Graph uses its own request-id when the client sent none. */
export function idsOf(exchange) {
	const requestId = randomUUID();
	return { requestId, clientRequestId: exchange.header('client-request-id') ?? requestId };
}

/* Headers of every answer from Graph. */
export function graphHeaders({ requestId, clientRequestId }) {
	return { 'cache-control': 'no-cache', 'strict-transport-security': 'max-age=31536000',
		'request-id': requestId, 'client-request-id': clientRequestId,
		'x-ms-ags-diagnostic': JSON.stringify({ ServerInfo: { DataCenter: 'Sandbox',
			Slice: 'E', Ring: '5', ScaleUnit: '002', RoleInstance: 'SANDBOX0001' } }) };
}

/* An error in Graph's shape; more: members that a workload adds. */
export function graphError({ status, code, message, ids, headers = {}, more = {} }) {
	const date = new Date().toISOString().slice(0, 19);
	const innerError = { date, 'request-id': ids.requestId,
		'client-request-id': ids.clientRequestId };
	return { status, headers: { ...ERROR_TYPE, ...headers },
		body: { error: { code, message, innerError, ...more } } };
}

/* 401 for a token Graph does not take. */
export function invalidToken(ids, message) {
	return graphError({ status: 401, code: 'InvalidAuthenticationToken', message, ids,
		headers: { 'www-authenticate': BEARER } });
}

export function noSuchResource(ids, path) {
	return graphError({ status: 404, code: 'ResourceNotFound',
		message: `Resource not found for the segment '${path.split('/').pop()}'.`, ids });
}

export function wrongMethod(ids) {
	return graphError({ status: 405, code: 'Request_BadRequest',
		message: 'Specified HTTP method is not allowed for the request target.', ids });
}

function document(context, user, names) {
	const body = { '@odata.context': `${CONTEXT}${context}/$entity` };
	for (const name of names)
		body[name] = SELECTABLE[name](user);
	return { status: 200, headers: DATA_TYPE, streamed: true, body };
}

/* The /me document: all default properties, or exactly those of $select. */
export function meDocument(user, select, ids) {
	if (!select) {
		const personal = user.kind === 'personal';
		return document('', user, personal ? PERSONAL_PROPERTIES : DEFAULT_PROPERTIES);
	}
	const names = select.split(',').map((name) => name.trim());
	const unknown = names.find((name) => !Object.hasOwn(SELECTABLE, name));
	if (unknown !== undefined)
		return graphError({ status: 400, code: 'BadRequest', ids,
			message: 'Parsing OData Select and Expand failed: Could not find a '
				+ `property named '${unknown}' on type 'microsoft.graph.user'.` });
	return document(`(${names.join(',')})`, user, [...new Set(names)]);
}

/* The bytes of the profile photo. */
export function photoBytes(user, ids) {
	if (!user.photo)
		return graphError({ status: 404, code: 'ImageNotFound', ids, message: 'Exception of type '
			+ '\'Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException\' was thrown.' });
	const body = Buffer.from(user.photo, 'base64');
	const png = body.subarray(1, 4).toString() === 'PNG';
	return { status: 200, headers: { 'content-type': png ? 'image/png' : 'image/jpeg' }, body };
}

/* The user who is another's manager; undefined: nobody. */
export const managerOf = (users, { manager }) => users[manager];

/* The text of the challenge a "cae" failure makes, fixed when it is ordered. */
export function challengeText(claims) {
	if (claims === undefined)
		return JSON.stringify({ access_token: { nbf: { essential: true,
			value: String(nowSeconds()) } } });
	return typeof claims === 'string' ? claims : JSON.stringify(claims);
}

/* Whether a token minted with these claims answers the challenge, member by member. */
export function satisfies(claims, challenge) {
	const wanted = Object.entries(JSON.parse(challenge).access_token ?? {});
	return wanted.every(([name, value]) =>
		JSON.stringify(claims?.access_token?.[name]) === JSON.stringify(value));
}

/* Graph's continuous access evaluation answer. */
function claimsChallenge(fault, ids) {
	const claims = Buffer.from(fault.challenge).toString('base64');
	return graphError({ status: fault.status ?? 401, code: 'InvalidAuthenticationToken', ids,
		message: 'Continuous access evaluation resulted in challenge with result: '
			+ 'InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp',
		headers: { 'www-authenticate':
			`${BEARER}, error="insufficient_claims", claims="${claims}"` } });
}

const ordered = (status, code, message, wait) => (fault, exchange) => graphError({
	status: fault.status ?? status, code: fault.code ?? code, message, ids: exchange.ids,
	headers: { ...retryAfter(fault, wait), ...fault.headers } });

/* The failures in Graph's own language that a test can order, kind -> (fault, exchange). */
export const ORDERED = {
	throttle: ordered(429, 'TooManyRequests', 'Too many requests.', 1),
	http_503: ordered(503, 'serviceNotAvailable', 'The service is temporarily unavailable.'),
	http_504: ordered(504, 'GatewayTimeout', 'The server did not answer in time.'),
	http_500: ordered(500, 'InternalServerError', 'Something broke.'),
	invalid_token: (fault, exchange) => invalidToken(exchange.ids,
		'Lifetime validation failed, the token is expired.'),
	cae: (fault, exchange) => claimsChallenge(fault, exchange.ids),
	forbidden: ordered(403, 'Authorization_RequestDenied',
		'Insufficient privileges to complete the operation.'),
	not_found: ordered(404, 'Request_ResourceNotFound',
		'Resource \'me\' does not exist or one of its queried reference-property objects '
		+ 'are not present.'),
	mailbox_busy: ordered(429, 'ApplicationThrottled', 'Application is over its MailboxConcurrency limit.', 1),
	no_mailbox: ordered(404, 'MailboxNotEnabledForRESTAPI', 'The mailbox is either inactive, soft-deleted, or is hosted on-premise.'),
	no_drive: ordered(404, 'ResourceNotFound', 'User\'s mysite not found.'),
	/* Taken before the body is read, by graph.mjs. */
	close_reading: () => { throw new Error('close_reading is for a request with a body'); },
	/* The same listener under another name: a client that follows is seen doing so. */
	redirect: (fault, { req, url }) => ({ status: 302, headers: { location: fault.location
		?? `${req.socket.encrypted ? 'https' : 'http'}://localhost:${req.socket.localPort}`
		+ `${url.pathname}${url.search}` }, body: '' }),
};
