/*
 * What Entra's token endpoint says: its errors with their AADSTS numbers, its success, and the
 * failures a test can order.  Pure functions from facts to {status, headers, body}.
 */
import { randomUUID } from 'node:crypto';
import { jsonType } from '../common/http_server.mjs';
import { retryAfter } from '../common/faults.mjs';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NO_STORE = { 'cache-control': 'no-store, no-cache', pragma: 'no-cache', expires: '-1' };

export const DEFAULT_CHALLENGE = JSON.stringify({ access_token: { capolids: {
	essential: true, values: ['c3d1c2a5-4f2e-4d0b-9b7e-3a3b5f2d1e60'] } } });

const aadsts = (error, status, text, suberror) => ({ error, status, text, suberror });

/* The numbers a client decides on; words are close to the real ones but not promised. */
const ERRORS = {
	28000: aadsts('invalid_request', 400, 'Provided value for the input parameter scope is not '
		+ 'valid because it contains more than one resource.'),
	50011: aadsts('invalid_request', 400, ''),
	50013: aadsts('invalid_grant', 400, 'Assertion failed signature validation.'),
	50027: aadsts('invalid_request', 400, 'JWT token is invalid or malformed.'),
	50020: aadsts('invalid_grant', 400, 'User account does not exist in tenant.'),
	50058: aadsts('login_required', 400, 'A silent sign-in request was sent but no user is signed '
		+ 'in.'),
	50076: aadsts('interaction_required', 400, 'Due to a configuration change made by your '
		+ 'administrator, or because you moved to a new location, you must use '
		+ 'multi-factor authentication to access \'00000003-0000-0000-c000-000000000000\'.',
	'basic_action'),
	50148: aadsts('invalid_grant', 400, 'The code_verifier is missing, and a code_challenge was '
		+ 'supplied in the authorization request.'),
	50173: aadsts('invalid_grant', 400, 'The provided grant has expired due to it being revoked, a '
		+ 'fresh auth token is needed.', 'bad_token'),
	50194: aadsts('invalid_request', 400, 'The application is not configured as a multi-tenant '
		+ 'application. Usage of the /common endpoint is not supported.'),
	500011: aadsts('invalid_resource', 400, 'The resource principal was not found.'),
	500112: aadsts('invalid_grant', 400, 'The reply address does not match the reply address '
		+ 'provided when requesting the authorization code.'),
	500131: aadsts('invalid_grant', 400, 'Assertion audience does not match the Client app '
		+ 'presenting the assertion.'),
	500133: aadsts('invalid_grant', 400, 'Assertion is not within its valid time range.'),
	53003: aadsts('invalid_grant', 400, 'Access has been blocked by Conditional Access '
		+ 'policies. The access policy does not allow token issuance.', 'message_only'),
	54005: aadsts('invalid_grant', 400, 'OAuth2 Authorization code was already redeemed, please '
		+ 'retry with a new valid code or use an existing refresh token.'),
	501481: aadsts('invalid_grant', 400, 'The Code_Verifier does not match the code_challenge '
		+ 'supplied in the authorization request.'),
	501491: aadsts('invalid_request', 400, 'Invalid size of Code_Challenge parameter.'),
	65001: aadsts('invalid_grant', 400, 'The user or administrator has not consented to use '
		+ 'the application.', 'consent_required'),
	65004: aadsts('access_denied', 400, 'User declined to consent to access the app.'),
	650053: aadsts('invalid_scope', 400, ''),
	650057: aadsts('invalid_resource', 400, 'Invalid resource. The client has requested access to '
		+ 'a resource which is not listed in the requested permissions in the client\'s '
		+ 'application registration.'),
	70000: aadsts('invalid_grant', 400, ''),
	70003: aadsts('unsupported_grant_type', 400, 'The app requested an unsupported grant '
		+ 'type.'),
	70008: aadsts('invalid_grant', 400, 'The provided authorization code or refresh token has '
		+ 'expired due to inactivity. Send a new interactive authorization request for this '
		+ 'user and resource.'),
	70011: aadsts('invalid_scope', 400, 'The provided value for the input parameter \'scope\' '
		+ 'is not valid.'),
	90002: aadsts('invalid_request', 400, 'Tenant not found. Check to make sure you have the '
		+ 'correct tenant ID and are signing into the correct cloud.'),
	90009: aadsts('invalid_request', 400, 'Application is requesting a token for itself. This '
		+ 'scenario is supported only if resource is specified using the GUID based App '
		+ 'Identifier.'),
	90023: aadsts('invalid_request', 400, ''),
	90033: aadsts('temporarily_unavailable', 503, 'A transient error has occurred. Please try '
		+ 'again.'),
	90094: aadsts('access_denied', 400, 'An administrator has set a policy that prevents you from '
		+ 'granting the application the permissions it is requesting.'),
	165000: aadsts('invalid_request', 400, 'Invalid Request: The request tokens do not match the '
		+ 'user context.'),
	700016: aadsts('unauthorized_client', 400, 'Application was not found in the directory.'),
	700021: aadsts('invalid_client', 401, 'Client assertion application identifier does not '
		+ 'match \'client_id\' parameter.'),
	700023: aadsts('invalid_client', 401, 'Client assertion audience claim does not match '
		+ 'Realm issuer.'),
	700024: aadsts('invalid_client', 401, 'Client assertion is not within its valid time '
		+ 'range.'),
	700025: aadsts('invalid_client', 401, 'Client is public so neither \'client_assertion\' nor '
		+ '\'client_secret\' should be presented.'),
	700027: aadsts('invalid_client', 401, 'The certificate with identifier used to sign the '
		+ 'client assertion is not registered on application.'),
	700051: aadsts('unsupported_response_type', 400, ''),
	700082: aadsts('invalid_grant', 400, 'The refresh token has expired due to inactivity.'),
	700211: aadsts('invalid_client', 401, 'No matching federated identity record found for '
		+ 'presented assertion issuer.'),
	700212: aadsts('invalid_client', 401, 'No matching federated identity record found for '
		+ 'presented assertion audience.'),
	700213: aadsts('invalid_client', 401, 'No matching federated identity record found for '
		+ 'presented assertion subject.'),
	900144: aadsts('invalid_request', 400, 'The request body must contain the following '
		+ 'parameter:'),
	900971: aadsts('invalid_request', 400, 'No reply address provided.'),
	900561: aadsts('invalid_request', 400, 'The endpoint only accepts POST requests.'),
	7000114: aadsts('invalid_grant', 400, 'Application is not allowed to make application '
		+ 'on-behalf-of calls.'),
	7000215: aadsts('invalid_client', 401, 'Invalid client secret provided. Ensure the secret '
		+ 'being sent in the request is the client secret value, not the client secret '
		+ 'ID.'),
	7000218: aadsts('invalid_client', 401, 'The request body must contain the following '
		+ 'parameter: \'client_assertion\' or \'client_secret\'.'),
	7000222: aadsts('invalid_client', 401, 'The provided client secret keys are expired.'),
	9000411: aadsts('invalid_request', 400, 'The request is not properly formatted.'),
	9002313: aadsts('invalid_request', 400, 'Invalid request. Request is malformed or '
		+ 'invalid.'),
	9002325: aadsts('invalid_request', 400, 'Proof Key for Code Exchange is required for '
		+ 'cross-origin authorization code redemption.'),
	9002326: aadsts('invalid_request', 400, 'Cross-origin token redemption is permitted only for '
		+ 'the \'Single-Page Application\' client-type.'),
	9002327: aadsts('invalid_request', 400, 'Tokens issued for the \'Single-Page Application\' '
		+ 'client-type may only be redeemed via cross-origin requests.'),
	9010010: aadsts('invalid_target', 400, 'The resource parameter provided in the request '
		+ 'doesn\'t match with the requested scopes.'),
};

/* A check that failed; thrown by the token endpoint and turned into an answer by refuse(). */
export class Refusal extends Error {
	constructor(code, detail = '', extra = {}) {
		super([`AADSTS${code}:`, ERRORS[code].text, detail].filter(Boolean).join(' '));
		this.code = code;
		this.extra = extra;
	}
}

/* The ids one answer is known by; correlationId echoes the client's when it sent a GUID. */
export function traceOf(exchange) {
	const sent = exchange.header('client-request-id')
		?? exchange.url.searchParams.get('client-request-id');
	const correlationId = GUID.test(sent ?? '') ? sent : randomUUID();
	const echo = exchange.header('return-client-request-id') === 'true';
	return { traceId: randomUUID(), correlationId, sent: echo ? sent : undefined };
}

/* Headers of every answer from the login service. */
export function entraHeaders({ traceId, sent }) {
	return { 'x-content-type-options': 'nosniff', 'x-ms-request-id': traceId,
		'x-ms-ests-server': '2.1.22500.7 - SANDBOX ProdSlices', 'x-ms-srs': '1.P',
		'set-cookie': 'fpc=sandbox; path=/; secure; HttpOnly; SameSite=None',
		...(sent ? { 'client-request-id': sent } : {}) };
}

/* The members of an error in Entra's exact shape. */
export function describeRefusal({ code, extra, message }, { traceId, correlationId }) {
	const { error, suberror } = { ...ERRORS[code], ...extra };
	const timestamp = `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`;
	return { error, error_description: `${message}\r\nTrace ID: ${traceId}\r\n`
		+ `Correlation ID: ${correlationId}\r\nTimestamp: ${timestamp}`,
	error_codes: [code], timestamp, trace_id: traceId, correlation_id: correlationId,
	error_uri: `https://login.microsoftonline.com/error?code=${code}`,
	...(suberror ? { suberror } : {}), ...(extra.claims ? { claims: extra.claims } : {}) };
}

/* The token endpoint's answer to what failed a check. */
export function refuse(refusal, trace) {
	const { status } = { ...ERRORS[refusal.code], ...refusal.extra };
	return { status, headers: { ...jsonType, ...NO_STORE, ...refusal.extra.headers },
		body: describeRefusal(refusal, trace) };
}

/* The token response; all but the token, its scope and its life only when given. */
export function grant({ token, scope, expiresIn, refreshIn, clientInfo, refreshToken, idToken }) {
	const body = { token_type: 'Bearer', scope, expires_in: expiresIn,
		ext_expires_in: expiresIn,
		...(refreshIn === undefined ? {} : { refresh_in: refreshIn }), access_token: token,
		...(refreshToken ? { refresh_token: refreshToken } : {}),
		...(idToken ? { id_token: idToken } : {}),
		...(clientInfo ? { client_info: clientInfo } : {}) };
	return { status: 200, headers: { ...jsonType, ...NO_STORE }, body };
}

function challengeText(claims) {
	if (claims === undefined)
		return DEFAULT_CHALLENGE;
	return typeof claims === 'string' ? claims : JSON.stringify(claims);
}

const ordered = (code, extra = () => ({})) => (fault, exchange) => {
	const status = fault.status === undefined ? {} : { status: fault.status };
	const headers = retryAfter(fault);
	const refusal = new Refusal(code, '', { headers, ...extra(fault), ...status });
	return refuse(refusal, exchange.trace);
};

/* The failures in Entra's own language that a test can order, kind -> (fault, exchange). */
export const ORDERED = {
	interaction_required: ordered(50076, ({ claims }) => ({ claims: challengeText(claims) })),
	mfa_no_claims: ordered(50076),
	consent_required: ordered(65001),
	access_blocked: ordered(53003),
	invalid_client: ordered(7000215),
	expired_secret: ordered(7000222),
	assertion_expired: ordered(500133),
	unknown_app: ordered(700016),
	temporarily_unavailable: ordered(90033),
	no_access_token: () => ({ status: 200, headers: { ...jsonType, ...NO_STORE },
		body: { token_type: 'Bearer', scope: 'User.Read', expires_in: 3599 } }),
};
