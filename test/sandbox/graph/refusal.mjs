/*
 * What the sandbox Graph refuses, in the words and codes of the workload that is asked: each of those behind the real Graph
 * has its own.
 */
export class GraphRefusal extends Error {
	constructor(status, code, message, headers = {}) {
		super(message);
		Object.assign(this, { status, code, headers });
	}
}

export const badRequest = (message, code = 'BadRequest') => new GraphRefusal(400, code, message);

/* By workload: what it says of a permission that the token lacks, and of what is not there. */
const DENIED = {
	outlook: () => ['ErrorAccessDenied', 'Access is denied. Check credentials and try again.'],
	directory: () => ['Authorization_RequestDenied', 'Insufficient privileges to complete the operation.'],
	files: () => ['accessDenied', 'Access denied'],
	teams: (wanted, held) => ['Forbidden', `Missing scope permissions on the request. API requires one of '${wanted.join(', ')}'. `
		+ `Scopes on the request '${held.join(', ')}'`],
	planner: () => ['Forbidden', 'You do not have the required permissions to access this item.'],
	search: (wanted) => ['Forbidden', `Access to the search requires one of the following permissions: ${wanted.join(', ')}.`],
};
const MISSING = {
	outlook: () => ['ErrorItemNotFound', 'The specified object was not found in the store.'],
	directory: (what) => ['Request_ResourceNotFound', `Resource '${what}' does not exist or one of its queried reference-property objects `
		+ 'are not present.'],
	files: () => ['itemNotFound', 'The resource could not be found.'],
	teams: (what) => ['NotFound', `NotFound: no thread or team '${what}'.`],
	planner: () => ['', 'The requested item is not found.'],
};

export const denied = (workload, wanted, held) => new GraphRefusal(403, ...DENIED[workload](wanted, held));
export const notFound = (workload, what) => new GraphRefusal(404, ...MISSING[workload](what));

export const noMailbox = () => new GraphRefusal(404, 'MailboxNotEnabledForRESTAPI',
	'The mailbox is either inactive, soft-deleted, or is hosted on-premise.');
export const noDrive = () => new GraphRefusal(404, 'ResourceNotFound', 'User\'s mysite not found.');

export const mailboxBusy = (retryAfter = 1) => new GraphRefusal(429, 'ApplicationThrottled',
	'Application is over its MailboxConcurrency limit.', { 'retry-after': String(retryAfter) });
