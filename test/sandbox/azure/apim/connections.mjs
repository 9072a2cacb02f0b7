/*
 * What an instance is connected to: backends that it calls, loggers that it writes to, and diagnostics, which say
 * what is written.
 */
import { createHash } from 'node:crypto';
import { namingBackend } from './policies.mjs';
import { invalid } from './validation.mjs';

const BODY_LIMIT_BYTES = 8192;
const NAMED_VALUE = /^\{\{([A-Za-z0-9._-]+)\}\}$/;

const backend = {
	what: 'Backend',
	shape: { 'url!': 'string', 'protocol!': ['http', 'soap'], title: 'string', description: 'string', resourceId: 'string', type: ['Single', 'Pool'],
		tls: { validateCertificateChain: 'boolean', validateCertificateName: 'boolean' },
		credentials: { certificateIds: { list: 'string' }, certificate: { list: 'string' }, query: 'any', header: 'any', authorization: { 'scheme!': 'string', 'parameter!': 'string' } },
		proxy: { 'url!': 'string', username: 'string', password: 'string' }, circuitBreaker: 'any', properties: 'any' },
	mustBe({ given: { url } }) {
		if (!/^https?:\/\/[^\s/]+/.test(url)) invalid({ target: 'url', message: `'${url}' is not a valid absolute URL.` });
	},
	accept: ({ given }) => ({ properties: { ...given, tls: { validateCertificateChain: true, validateCertificateName: true, ...given.tls } } }),
	usedBy: ({ instance, name }) => namingBackend(instance, name),
};

/* A logger's credential becomes a secret named value, of which the logger shows the name only. */
function keptCredentials(instance, path, credentials = {}) {
	return Object.fromEntries(Object.entries(credentials).map(([member, given]) => {
		const [, referred] = NAMED_VALUE.exec(given) ?? [];
		if (referred && !instance.namedValues().has(referred)) invalid({ target: 'credentials', message: `Property '${referred}' not found.` });
		if (referred) return [member, given];
		const name = `Logger-Credentials--${createHash('sha256').update(`${path} ${member}`).digest('hex').slice(0, 24)}`;
		instance.keep(name, given);
		return [member, `{{${name}}}`];
	}));
}

const logger = (azure) => ({
	what: 'Logger',
	shape: { 'loggerType!': ['applicationInsights', 'azureEventHub', 'azureMonitor'], description: 'string', credentials: 'map', isBuffered: 'boolean', resourceId: 'string' },
	mustBe({ given: { loggerType, credentials, resourceId } }) {
		if (loggerType === 'azureMonitor') return;
		if (!credentials || !Object.keys(credentials).length) invalid({ target: 'credentials', message: 'Logger credentials are required.' });
		if (loggerType === 'applicationInsights' && !credentials.connectionString && !credentials.instrumentationKey)
			invalid({ target: 'credentials', message: 'Either connectionString or instrumentationKey is required.' });
		if (resourceId && !azure.resources.get(resourceId)) invalid({ target: 'resourceId', message: `The resource '${resourceId}' was not found.` });
	},
	accept({ instance, path, given }) {
		const { loggerType, description, isBuffered = true, resourceId, credentials } = given;
		return { properties: { loggerType, ...(description && { description }), credentials: keptCredentials(instance, path, credentials), isBuffered, ...(resourceId && { resourceId }) } };
	},
	usedBy: ({ instance, name }) => instance.all().filter(({ properties }) => properties.loggerId?.toLowerCase().endsWith(`/loggers/${name.toLowerCase()}`)),
});

const message = { headers: { list: 'string' }, body: { bytes: 'integer' }, dataMasking: { headers: 'any', queryParams: 'any' } };
const pipeline = { request: message, response: message };

function mustBeDiagnostic({ instance, given }) {
	const name = /(?:^|\/)loggers\/([^/]+)$/i.exec(given.loggerId)?.[1];
	if (!name || !instance.find(`loggers/${name}`)) invalid({ target: 'loggerId', message: `Logger with id '${given.loggerId}' was not found.` });
	const { percentage } = given.sampling ?? {};
	if (percentage !== undefined && (percentage < 0 || percentage > 100)) invalid({ target: 'percentage', message: 'Sampling percentage must be between 0 and 100.' });
	const bodies = [given.frontend, given.backend].flatMap((side) => [side?.request, side?.response]).map((one) => one?.body?.bytes ?? 0);
	if (bodies.some((bytes) => bytes < 0 || bytes > BODY_LIMIT_BYTES)) invalid({ target: 'bytes', message: `Number of bytes must be between 0 and ${BODY_LIMIT_BYTES}.` });
}

const diagnostic = {
	what: 'Diagnostic',
	shape: { 'loggerId!': 'string', alwaysLog: ['allErrors'], sampling: { samplingType: ['fixed'], percentage: 'number' }, frontend: pipeline, backend: pipeline,
		logClientIp: 'boolean', httpCorrelationProtocol: ['None', 'Legacy', 'W3C'], verbosity: ['verbose', 'information', 'error'],
		operationNameFormat: ['Name', 'Url'], metrics: 'boolean', largeLanguageModel: 'any' },
	mustBe(asked) {
		const id = asked.path.split('/').at(-1);
		if (!['applicationinsights', 'azuremonitor'].includes(id)) invalid({ target: 'diagnosticId', message: `'${id}' is no diagnostic: applicationinsights, azuremonitor.` });
		mustBeDiagnostic(asked);
	},
	accept: ({ instance, given }) => ({ properties: { ...given, loggerId: `${instance.id}/loggers/${given.loggerId.split('/').at(-1)}` } }),
};

export const connections = (azure) => ({ backends: backend, loggers: logger(azure), diagnostics: diagnostic, 'apis/diagnostics': diagnostic });
