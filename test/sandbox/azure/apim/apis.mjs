/*
 * APIs and their operations, put one by one or imported from a document.
 */
import { importOpenApi } from './openapi_import.mjs';
import { invalid } from './validation.mjs';

const IMPORTS = ['openapi', 'openapi+json'];
const API_ID = /^[^*#&+:<>?]{1,256}$/;
const PATH = /^([A-Za-z0-9._~/-]|%[0-9A-Fa-f]{2})*$/;

const parameter = { 'name!': 'string', description: 'string', 'type!': 'string', defaultValue: 'string', required: 'boolean', values: { list: 'string' }, schemaId: 'string', typeName: 'string', examples: 'any' };
const representation = { 'contentType!': 'string', schemaId: 'string', typeName: 'string', formParameters: { list: parameter }, examples: 'any' };

const apiShape = { 'path!': 'string', displayName: 'string', description: 'string', serviceUrl: 'string', protocols: { list: ['http', 'https', 'ws', 'wss'] },
	subscriptionRequired: 'boolean', subscriptionKeyParameterNames: { header: 'string', query: 'string' }, type: ['http'], apiType: ['http'],
	format: [...IMPORTS, 'openapi-link', 'openapi+json-link', 'swagger-json', 'wadl-xml', 'wsdl'], value: 'string', authenticationSettings: 'any',
	apiRevision: 'string', apiVersion: 'string', apiVersionSetId: 'string', apiRevisionDescription: 'string', apiVersionDescription: 'string',
	isCurrent: 'boolean', 'isOnline~': 'any', 'provisioningState~': 'any', termsOfServiceUrl: 'string', contact: 'any', license: 'any' };

function mustBeApi({ id, instance, path, given }) {
	if (!API_ID.test(id)) invalid({ target: 'apiId', message: 'The identifier of the API has characters that are not allowed.' });
	if (!PATH.test(given.path) || given.path.startsWith('/')) invalid({ target: 'path', message: `'${given.path}' is not a valid API URL suffix.` });
	const same = instance.in('apis').find((one) => one.path.toLowerCase() !== path.toLowerCase() && (one.properties.path ?? '').toLowerCase() === given.path.toLowerCase());
	if (same) invalid({ target: 'path', message: `Cannot create API '${id}' with the same Path '${given.path}' as API '${same.name}'  unless it's a part of the same version set` });
	if (given.format && !IMPORTS.includes(given.format)) invalid({ target: 'format', message: `'${given.format}' is no format that is played: ${IMPORTS.join(', ')}.` });
	if (Boolean(given.format) !== Boolean(given.value)) invalid({ target: 'value', message: 'An import needs both format and value.' });
	if (!given.format && !given.displayName) invalid({ target: 'displayName', message: 'Display name is required.' });
}

function apiProperties({ format: _, value: __, apiType: ___, ...given }, made = {}) {
	return { displayName: given.displayName ?? made.title, apiRevision: '1', description: given.description ?? made.description ?? null,
		subscriptionRequired: given.subscriptionRequired ?? true, serviceUrl: given.serviceUrl ?? made.serviceUrl ?? null, path: given.path,
		protocols: given.protocols ?? ['https'], authenticationSettings: { oAuth2: null, openid: null }, subscriptionKeyParameterNames: { header: 'Ocp-Apim-Subscription-Key', query: 'subscription-key' },
		isCurrent: true, ...(given.apiVersionSetId && { apiVersionSetId: given.apiVersionSetId, apiVersion: given.apiVersion }) };
}

/* The operations become those of the document; those that stay keep their policies. */
function replaceOperations(instance, api, operations) {
	const kept = new Set(operations.map(([id]) => id.toLowerCase()));
	for (const { path, name } of instance.in(`${api}/operations`)) if (!kept.has(name.toLowerCase())) instance.remove(path);
	for (const [id, properties] of operations) {
		const path = `${api}/operations/${id}`;
		Object.assign(instance.find(path) ?? instance.add(path), { properties, usable: true, state: 'Succeeded' });
	}
}

const api = {
	what: 'API', shape: apiShape, mustBe: mustBeApi,
	slow: ({ format }) => Boolean(format),
	accept({ instance, child, given }) {
		if (!given.format) return { properties: apiProperties(given) };
		const made = importOpenApi(given.value);
		replaceOperations(instance, child.path, made.operations);
		return { properties: apiProperties(given, made) };
	},
};

const namesIn = (template) => [...template.matchAll(/\{\*?([^}]+)\}/g)].map(([, name]) => name);

function mustBeOperation({ instance, path, given: { method, urlTemplate, templateParameters = [] } }) {
	const declared = new Set(templateParameters.map(({ name }) => name));
	if (namesIn(urlTemplate).some((name) => !declared.has(name)))
		invalid({ target: 'templateParameters', message: 'All template parameters used in the UriTemplate must be defined in the Operation, please ensure to add them.' });
	if (!urlTemplate.startsWith('/')) invalid({ target: 'urlTemplate', message: 'The URL template must begin with a slash.' });
	const same = instance.in(path.replace(/\/[^/]+$/, '')).find((one) => one.path.toLowerCase() !== path.toLowerCase()
		&& one.properties.method === method && one.properties.urlTemplate === urlTemplate);
	if (same) invalid({ target: 'urlTemplate', message: `Operation with the same method and URL template already exists: '${method}', '${urlTemplate}'.` });
}

const operation = {
	what: 'Operation', mustBe: mustBeOperation,
	shape: { 'displayName!': 'string', 'method!': /^[A-Z]+$/, 'urlTemplate!': 'string', description: 'string', templateParameters: { list: parameter }, policies: 'string',
		request: { description: 'string', queryParameters: { list: parameter }, headers: { list: parameter }, representations: { list: representation } },
		responses: { list: { 'statusCode!': 'integer', description: 'string', representations: { list: representation }, headers: { list: parameter } } } },
	accept: ({ given }) => ({ properties: { templateParameters: [], description: null, request: { queryParameters: [], headers: [], representations: [] }, responses: [], ...given } }),
};

export const APIS = { apis: api, 'apis/operations': operation };

/* What a new instance of a classic tier brings along. */
export const ECHO = ['apis/echo-api', apiProperties({ displayName: 'Echo API', path: 'echo', serviceUrl: 'http://echoapi.cloudapp.net/api' }), [
	['create-resource', 'POST', '/resource'], ['modify-resource', 'PUT', '/resource'], ['remove-resource', 'DELETE', '/resource'],
	['retrieve-header-only', 'HEAD', '/resource'], ['retrieve-resource', 'GET', '/resource'], ['retrieve-resource-cached', 'GET', '/resource-cached']]
	.map(([id, method, urlTemplate]) => [id, operation.accept({ given: { displayName: id, method, urlTemplate } }).properties])];

/* The API of ECHO, or such, at once. */
export function addApi(instance, [path, properties, operations]) {
	Object.assign(instance.add(path), { properties, usable: true, state: 'Succeeded' });
	replaceOperations(instance, path, operations);
}
