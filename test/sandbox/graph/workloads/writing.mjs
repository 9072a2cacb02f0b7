/* What all writing has in common: what a body may hold, people in it, and how it is answered. */
import { GraphRefusal, badRequest } from '../refusal.mjs';

export const accepted = () => ({ status: 202, body: '' });
export const created = (answer) => ({ ...answer, status: 201 });
export const invalid = (message, code = 'ErrorInvalidRequest') => badRequest(message, code);
export const conflict = (code, message) => new GraphRefusal(409, code, message);

/* Refuses a property that the type has not got. */
export function checkKnown(body, { name, kinds }) {
	const unknown = Object.keys(body).find((one) => !one.startsWith('@') && !kinds.has(one));
	if (unknown !== undefined)
		throw invalid(`The property '${unknown}' does not exist on type '${name}'. Make sure to only use property names that are defined by the type.`,
			'RequestBodyRead');
}

/* The parameters of an action, of which none need be given. */
export function parameters(call, names) {
	const body = call.optionalBody;
	const unknown = Object.keys(body).find((one) => !names.includes(one));
	if (unknown !== undefined)
		throw badRequest(`The parameter '${unknown}' in the request payload is not a valid parameter for the operation '${call.path.split('/').at(-1)}'.`);
	return body;
}

/* Recipients, or attendees: each an address. */
export function checkPeople(list, name) {
	if (list === undefined)
		return;
	if (!Array.isArray(list) || list.some((one) => one === null || typeof one !== 'object' || typeof one.emailAddress !== 'object'))
		throw invalid(`Cannot read the value of '${name}'.`, 'RequestBodyRead');
	const wrong = list.find(({ emailAddress }) => typeof emailAddress?.address !== 'string');
	if (wrong)
		throw invalid('At least one recipient is not valid., Recipient has no address.', 'ErrorInvalidRecipients');
}

/* {contentType, content} with the first letter of the type in either case. */
export function bodyOf(given, otherwise = { contentType: 'text', content: '' }) {
	if (given === undefined)
		return otherwise;
	const contentType = String(given?.contentType ?? 'text').toLowerCase();
	if (given === null || !['text', 'html'].includes(contentType) || typeof (given.content ?? '') !== 'string')
		throw invalid('Cannot read the value of \'body\'.', 'RequestBodyRead');
	return { contentType, content: given.content ?? '' };
}

export const addressOf = ({ emailAddress }) => emailAddress.address;
