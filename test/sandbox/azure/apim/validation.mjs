/*
 * How API Management refuses what is sent: one error, and a detail for each field.
 */
import { Refusal, refuse } from '../refusal.mjs';

/* details: [{target, message}]. */
export function invalid(...details) {
	throw new Refusal(400, 'ValidationError', 'One or more fields contain incorrect values:',
		{ details: details.map(({ target, message }) => ({ code: 'ValidationError', target, message })) });
}

/* words: what is not there, as the service calls it. */
export const notFound = (words) => refuse(404, 'ResourceNotFound', `${words} not found.`);
