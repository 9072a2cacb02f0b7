/*
 * The own hosts of function apps: the deployment site (SITE.scm.…, "Kudu") of Flex Consumption and the routes of the Functions host
 * that an administrator asks.  What the app itself answers is not played here.
 */
import { randomUUID } from 'node:crypto';
import { refuse } from '../refusal.mjs';
import { FLEX } from './plans.mjs';
import { reaches } from './access.mjs';
import { siteOf } from './sites.mjs';
import { refusedHost, refusedPackage } from './storage.mjs';
import { wrongPackage } from './zip.mjs';

const SUFFIX = '(azurewebsites\\.(net|us)|chinacloudsites\\.cn)';
const AUDIENCE = /^https:\/\/(appservice\.azure\.com|management\.(azure\.com|core\.windows\.net|core\.usgovcloudapi\.net|core\.chinacloudapi\.cn))\/?$/;
const STATES = { pending: 0, running: 1, failed: 3, done: 4 };

/* The app of a question's host, for a caller whom it lets in. */
function entered(azure, { host }, scm) {
	const site = siteOf(azure, host.split('.')[0]) ?? refuse(404, 'NotFound', `No such app: ${host}`);
	if (!reaches(azure, site, azure.caller, scm)) refuse(403, 'Forbidden', 'Ip Forbidden', { reason: 'Ip Forbidden' });
	return site;
}

/* What becomes of a package: undefined when it runs, else why not. */
function failureOf(azure, site, bytes) {
	const refused = refusedPackage(azure, site);
	if (refused) return `Failed to upload blob package to storage account with Error: Response status code does not indicate success: ${refused.status} (${refused.message}).`;
	return wrongPackage(bytes);
}

function finish(azure, site, deployment) {
	const failure = failureOf(azure, site, deployment.bytes);
	Object.assign(deployment, { status: failure ? STATES.failed : STATES.done, text: failure ?? '', end: new Date().toISOString() });
	if (!failure) azure.packages.set(site.resource.name, deployment.bytes);
}

export function deploymentSite(azure) {
	const at = ({ host }, id) => `https://${host}/api/deployments/${id}`;
	const shown = (question, { id, status, text, start, end }) => ({ id, status, status_text: text, author_email: 'N/A', author: 'N/A',
		deployer: 'az_cli', message: 'Created via a push deployment', progress: '',
		received_time: start, start_time: start, end_time: end ?? null, last_success_end_time: status === STATES.done ? end : null,
			complete: Boolean(end), active: status === STATES.done,
		is_temp: false, is_readonly: true, url: at(question, id), log_url: `${at(question, id)}/log`, site_name: question.host.split('.')[0] });
	const of = (act) => (question) => act(entered(azure, question, true), question);
	const last = ({ deployments }) => deployments.at(-1) ?? refuse(404, 'NotFound', 'No deployment was made.');

	/* Whether it has ended; each question brings it on. */
	function goneOn(site, deployment) {
		if (deployment.end) return true;
		deployment.status = STATES.running;
		if (deployment.left-- <= 0) finish(azure, site, deployment);
		return Boolean(deployment.end);
	}

	function publish(site, { bytes, headers }) {
		if (site.resource.properties.sku !== FLEX) refuse(404, 'NotFound', 'This site has no /api/publish.');
		if (headers['content-type'] !== 'application/zip') refuse(415, 'UnsupportedMediaType', 'The content type must be application/zip.');
		const before = site.deployments.at(-1);
		if (before && !goneOn(site, before)) refuse(409, 'Conflict', 'There is a deployment currently in progress. Please try again when it completes.');
		const deployment = { id: randomUUID(), status: STATES.pending, text: 'Receiving changes.', bytes, left: azure.slowStates, start: new Date().toISOString() };
		site.deployments.push(deployment);
		return { status: 202, body: JSON.stringify(deployment.id) };
	}

	function latest(site, question) {
		const deployment = last(site);
		return { status: goneOn(site, deployment) ? 200 : 202, body: shown(question, deployment) };
	}

	const log = ({ deployments }, { params }) => ({ body: deployments.filter(({ id }) => id === params.id)
		.map(({ start, text }) => ({ log_time: start, id: params.id, message: text, type: 0, details_url: null })) });
	return { hosts: new RegExp(`^[a-z0-9-]+\\.scm\\.${SUFFIX}$`), audience: AUDIENCE, form: ({ message }) => message, routes: [
		['POST', '/api/publish', of(publish)],
		['GET', '/api/deployments/latest', of(latest)],
		['GET', '/api/deployments', of((site, question) => ({ body: site.deployments.map((one) => shown(question, one)) }))],
		['GET', '/api/deployments/{id}/log', of(log)],
	] };
}

export function functionsHost(azure) {
	function status(question) {
		const site = entered(azure, question, false);
		if (question.headers['x-functions-key'] !== site.masterKey) refuse(401, 'Unauthorized', '');
		const broken = azure.unhealthy || refusedHost(azure, site) || wrongPackage(azure.packages.get(site.resource.name));
		if (broken) refuse(503, 'ServiceUnavailable', 'Function host is not running.');
		return { body: { id: site.resource.name, state: 'Running', version: '4.1041.200.0', versionDetails: '4.1041.200', platformVersion: '',
			instanceId: 'played', computerName: '', processUptime: 1000 } };
	}
	return { hosts: new RegExp(`^[a-z0-9-]+\\.${SUFFIX}$`), form: ({ message }) => message, routes: [['GET', '/admin/host/status', status]] };
}
