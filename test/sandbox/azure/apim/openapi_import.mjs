/*
 * An OpenAPI document becomes an API and its operations, as API Management's import makes them.
 */
import yaml from 'js-yaml';
import { invalid } from './validation.mjs';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const LIMIT_BYTES = 4 * 1024 * 1024;
const ID_LIMIT = 76; /* four less than an id may have, for a suffix */

const wrong = (message) => invalid({ target: 'representation', message: `Parsing error(s): ${message}` });

function parsed(text) {
	if (Buffer.byteLength(text) > LIMIT_BYTES) wrong('The document is larger than 4 MB.');
	try {
		return yaml.load(text);
	} catch (error) {
		return wrong(error.message.split('\n')[0]);
	}
}

function mustBeOpenApi(document) {
	if (!/^3\.(0\.[0-3]|1\.\d+)$/.test(document?.openapi)) wrong(`The input OpenAPI file is not valid for the OpenAPI specification https://github.com/OAI/OpenAPI-Specification: version '${document?.openapi}'.`);
	if (!document.info?.title || !document.paths) wrong('info.title and paths are required.');
	const outside = /"\$ref":"(?!#\/)([^"]+)"/.exec(JSON.stringify(document));
	if (outside) wrong(`References to other files are not supported: ${outside[1]}.`);
}

/* An id of what the document calls the operation, or of its method and path. */
const idOf = (method, path, { operationId }) => (operationId ?? `${method}-${path}`).toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, ID_LIMIT);

function distinct(ids) {
	const seen = new Map();
	return ids.map((id) => {
		const before = seen.get(id) ?? 0;
		seen.set(id, before + 1);
		return before ? `${id}-${before}` : id;
	});
}

const resolved = (document, one) => (one.$ref ? one.$ref.slice(2).split('/').reduce((value, name) => value?.[name], document) : one);

function parameters(document, shared = [], own = []) {
	const all = [...shared, ...own].map((one) => resolved(document, one));
	return (where, needed) => all.filter((one) => one.in === where && (needed === undefined || Boolean(one.required) === needed))
		.map(({ name, description, required, schema }) => ({ name, ...(description && { description }), type: schema?.type ?? 'string', required: Boolean(required), values: schema?.enum ?? [] }));
}

function operation(document, { path, method, item, shared }) {
	const those = parameters(document, shared, item.parameters);
	/* A required one becomes a part of the template. */
	const required = those('query', true);
	const query = required.map(({ name }) => `${name}={${name}}`).join('&');
	return { displayName: item.summary ?? item.operationId ?? `${method.toUpperCase()} ${path}`, method: method.toUpperCase(), urlTemplate: query ? `${path}?${query}` : path,
		...(item.description && { description: item.description }), templateParameters: [...those('path'), ...required],
		request: { queryParameters: those('query', false), headers: those('header'), representations: Object.keys(item.requestBody?.content ?? {}).map((contentType) => ({ contentType })) },
		responses: Object.keys(item.responses ?? {}).filter((status) => /^\d+$/.test(status)).map((status) => ({ statusCode: Number(status),
			description: resolved(document, item.responses[status])?.description ?? '', representations: [], headers: [] })) };
}

/* {title, description, serviceUrl, operations: [[id, properties]]}. */
export function importOpenApi(text) {
	const document = parsed(text);
	mustBeOpenApi(document);
	const found = Object.entries(document.paths).flatMap(([path, { parameters: shared, ...items }]) => Object.entries(items)
		.filter(([method]) => METHODS.includes(method)).map(([method, item]) => ({ path, method, item, shared })));
	if (!found.length) wrong('The document has no operation.');
	const ids = distinct(found.map(({ path, method, item }) => idOf(method, path, item)));
	return { title: document.info.title, description: document.info.description ?? '', serviceUrl: document.servers?.[0]?.url,
		operations: found.map((one, i) => [ids[i], operation(document, one)]) };
}
