/*
 * Microsoft Graph v1.0 towards a deployment and `az ad`: the tenant's applications and service
 * principals, consent, and who is asking.  What it holds is azure.directory.
 */
import { randomUUID } from 'node:crypto';
import { applications } from './applications.mjs';
import { credentials } from './credentials.mjs';
import { Directory } from './directory.mjs';
import { grants } from './grants.mjs';
import { people } from './people.mjs';
import { servicePrincipals } from './principals.mjs';
import { refuse } from '../refusal.mjs';

const HOSTS = /^(graph\.microsoft\.com|graph\.microsoft\.us|microsoftgraph\.chinacloudapi\.cn)$/;
const AUDIENCE = /^https:\/\/(graph\.microsoft\.com|graph\.microsoft\.us|microsoftgraph\.chinacloudapi\.cn)\/?$/;
const VERSION = '/v1.0';

/* Options of startAzure. */
const DEFAULTS = {
	verifiedDomains: ['contoso.example', 'contoso.onmicrosoft.example'],
	refusesIdentifiers: false,	/* a policy: no identifier URI outside those domains, whatever the version of the tokens */
	slowDirectory: 1,	/* how often a new object is not there yet */
	directoryRights: 'administrator',	/* of who signs in: or developer, who registers and cannot consent, or none */
};

/* What azure.directoryRights gives to a user and to an application. */
const HELD = {
	administrator: { user: ['read', 'read grants', 'register', 'consent'], app: ['read', 'read grants', 'register', 'consent'] },
	developer: { user: ['read', 'read grants', 'register'], app: ['read', 'register'] },
	none: { user: ['read', 'read grants'], app: [] },
};

/* A row is [right, method, path, handler]; right undefined: anybody signed in. */
function guarded(azure, [right, method, path, handler]) {
	return [method, VERSION + path, Object.assign((question) => {
		if (right && !HELD[azure.directoryRights][question.caller.idtyp].includes(right))
			refuse(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
		return handler(question);
	}, { reads: handler.reads })];
}

function form({ code, message, details }) {
	const id = randomUUID();
	return { error: { code, message, ...(details && { details }),
		innerError: { date: new Date().toISOString().slice(0, 19), 'request-id': id, 'client-request-id': id } } };
}

export function service(azure) {
	for (const [name, value] of Object.entries(DEFAULTS)) azure[name] ??= value;
	azure.directory = new Directory(azure);
	const rows = [applications, credentials, servicePrincipals, grants, people].flatMap((part) => part(azure));
	return { hosts: HOSTS, audience: AUDIENCE, form, routes: rows.map((row) => guarded(azure, row)) };
}
