/*
 * What an authorize request asks.  Judged in two halves: what fails in the first is shown on Entra's
 * own page, because the redirect URI is not known to be good; what fails in the second is told to
 * the redirect URI.  Every check throws a Refusal with the number Entra uses.
 */
import { Refusal } from './answers.mjs';
import { readScope } from './scopes.mjs';

const PROMPTS = ['none', 'login', 'consent', 'select_account'];
const MODES = ['query', 'fragment', 'form_post'];
const CHALLENGE = { S256: /^[\w-]{43}$/, plain: /^[\w.~-]{43,128}$/ };

/* The parameters by name; one given twice is refused. */
export function readParameters(search) {
	const fields = {};
	for (const [name, value] of search) {
		if (Object.hasOwn(fields, name))
			throw new Refusal(9000411, `The parameter '${name}' is duplicated.`);
		fields[name] = value;
	}
	return fields;
}

/* First half: {application, redirectUri, platform}. */
export function readClient(directory, { client_id, redirect_uri }) {
	if (!client_id)
		throw new Refusal(900144, '\'client_id\'.');
	const application = directory.find(client_id);
	if (!application)
		throw new Refusal(700016, `Identifier '${client_id}'.`);
	if (!redirect_uri)
		throw new Refusal(900971);
	const platform = directory.platformOf(application, redirect_uri);
	if (!platform)
		throw new Refusal(50011, `The redirect URI '${redirect_uri}' specified in the request does not match `
			+ `the redirect URIs configured for the application '${client_id}'.`);
	return { application, redirectUri: redirect_uri, platform };
}

/* How the answer travels; a mode that does not exist is refused in the second half. */
export const modeOf = ({ response_mode }) => MODES.includes(response_mode) ? response_mode : 'query';

function checkResponse({ response_type, response_mode }) {
	if (!response_type)
		throw new Refusal(900144, '\'response_type\'.');
	if (response_type !== 'code')
		throw new Refusal(700051, `response_type '${response_type}' is not enabled for the application.`);
	if (response_mode !== undefined && !MODES.includes(response_mode))
		throw new Refusal(90023, `The response mode '${response_mode}' is not supported.`);
}

/* {method, value}; undefined where none was sent, which a single-page application must not. */
function readChallenge({ code_challenge: value, code_challenge_method: method = 'plain' }, platform) {
	if (value === undefined) {
		if (platform === 'spa')
			throw new Refusal(9002325);
		return undefined;
	}
	if (!CHALLENGE[method]?.test(value))
		throw new Refusal(501491);
	return { method, value };
}

function readPrompt({ prompt }) {
	if (prompt !== undefined && !PROMPTS.includes(prompt))
		throw new Refusal(90023, `Unsupported 'prompt' value '${prompt}'.`);
	return prompt;
}

/* Whether the claims parameter answers a Conditional Access challenge. */
export function stepsUp({ claims }) {
	try {
		const { access_token } = JSON.parse(claims ?? '{}');
		return Boolean(access_token?.capolids ?? access_token?.acrs);
	} catch {
		throw new Refusal(9002313, 'The claims parameter is no JSON object.');
	}
}

function readAsked(directory, application, fields) {
	if (fields.scope?.trim())
		return readScope(directory, application, fields);
	if (directory.switches.withoutScope === 'refused')
		throw new Refusal(900144, '\'scope\'.');
	return undefined;
}

/* Second half: {scope (undefined: none was asked), challenge, prompt, stepUp, nonce, loginHint}. */
export function readRequest(directory, { application, platform }, fields) {
	checkResponse(fields);
	const prompt = readPrompt(fields);
	const challenge = readChallenge(fields, platform);
	const stepUp = stepsUp(fields);
	const scope = readAsked(directory, application, fields);
	return { scope, challenge, prompt, stepUp, nonce: fields.nonce, loginHint: fields.login_hint,
		resource: fields.resource };
}
