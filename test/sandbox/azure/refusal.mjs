/*
 * How Azure refuses, in the form of each of its services, and the check of shapes that most refusals
 * come from: Azure takes no member that its specification does not know.
 */
export class Refusal extends Error {
	constructor(status, code, message, more = {}) {
		super(message);
		Object.assign(this, { status, code, ...more });
	}
}

/* more: {headers, details, innerError, body (of a provider that refuses in a form of its own)} */
export function refuse(status, code, message, more) {
	throw new Refusal(status, code, message, more);
}

/* ARM, Key Vault and Microsoft Graph agree on this much: {error: {code, message}}. */
export function refusalBody({ code, message, details, innerError, body }) {
	return body ?? { error: { code, message, ...(details && { details }), ...(innerError && { innerError }) } };
}

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

const KINDS = {
	string: (value) => typeof value === 'string',
	boolean: (value) => typeof value === 'boolean',
	number: (value) => typeof value === 'number',
	integer: Number.isInteger,
	any: () => true,
	map: (value) => isObject(value) && Object.values(value).every((one) => typeof one === 'string'),
};

/* What is wrong with a value for a shape, as [path, what], or nothing.  A shape is the name of a kind
 * (above; null is taken for each, as ARM does), a RegExp for a string, a list of the values that there are, [shape] in
 * `{list: shape}`, or an object of shapes: a member whose name ends in ! must be there, one that ends
 * in ~ is read-only and ignored. */
export function misfit(value, shape, path = '') {
	if (value === null || value === undefined) return undefined;
	if (typeof shape === 'string') return KINDS[shape](value) ? undefined : [path, `is no ${shape}`];
	if (shape instanceof RegExp) return shape.test(value) ? undefined : [path, `does not match ${shape.source}`];
	if (Array.isArray(shape)) return shape.includes(value) ? undefined : [path, `is not one of ${shape.join(', ')}`];
	if (shape.list) {
		if (!Array.isArray(value)) return [path, 'is no list'];
		return value.map((one, i) => misfit(one, shape.list, `${path}[${i}]`)).find(Boolean);
	}
	return isObject(value) ? misfitOfMembers(value, shape, path) : [path, 'is no object'];
}

function misfitOfMembers(value, shape, path) {
	const known = new Map(Object.entries(shape).map(([name, inner]) => [name.replace(/[!~]$/, ''), [name, inner]]));
	const at = (name) => (path ? `${path}.${name}` : name);
	for (const [name, inner] of Object.entries(value)) {
		if (!known.has(name)) return [at(name), 'is no member of it'];
		const [written, shapeOfIt] = known.get(name);
		const wrong = written.endsWith('~') ? undefined : misfit(inner, shapeOfIt, at(name));
		if (wrong) return wrong;
	}
	const missing = [...known].find(([name, [written]]) => written.endsWith('!') && (value[name] === undefined || value[name] === null));
	return missing && [at(missing[0]), 'is missing'];
}

/* The same, refused as ARM does. */
export function mustFit(value, shape, { status = 400, code = 'InvalidRequestContent' } = {}) {
	const wrong = misfit(value ?? {}, shape);
	if (wrong) refuse(status, code, `The request content was invalid and could not be deserialized: '${wrong[0]}' ${wrong[1]}.`);
}
