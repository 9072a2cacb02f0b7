/*
 * How Microsoft.Web refuses: with Code and Message in capitals at the top, where other providers have {error: {code,
 * message}}.
 */
import { refuse } from '../refusal.mjs';

export const VERSIONS = ['2023-12-01', '2024-04-01', '2024-11-01', '2025-03-01', '2025-05-01'];
const CODES = { 400: 'BadRequest', 404: 'NotFound', 409: 'Conflict' };

/* extended: the number of the rule, which the portal shows too. */
export function refuseWeb(status, message, extended = '00000') {
	const code = CODES[status];
	refuse(status, code, message, { body: { Code: code, Message: message, Target: null,
		Details: [{ Message: message }, { Code: code }, { ErrorEntity: { ExtendedCode: extended, MessageTemplate: message, Parameters: [], Code: code,
			Message: message } }], Innererror: null } });
}

export const refuseBusy = (kind) => refuseWeb(409, `Cannot modify this ${kind} because another operation is in progress.`, '59203');
