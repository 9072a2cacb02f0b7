/*
 * Microsoft.ApiManagement: instances, what they hold, and what is deleted but not gone.  What goes on in the background
 * is not done by a clock: each question about it takes it nearer to its end.
 */
import { versioned } from '../arm.mjs';
import { APIS } from './apis.mjs';
import { childHandlers } from './children.mjs';
import { connections } from './connections.mjs';
import { namedValues } from './named_values.mjs';
import { POLICIES } from './policies.mjs';
import { services } from './service.mjs';

const VERSIONS = ['2021-08-01', '2022-08-01', '2024-05-01'];
const OPERATION_RESULTS = '/subscriptions/{subscription}/providers/Microsoft.ApiManagement/locations/{location}/operationresults';

/* `apis/operations` -> /apis/{a}/operations/{b} */
const patternOf = (collection) => collection.split('/').map((part, i) => `/${part}/{child${i}}`).join('');

export function apim(azure) {
	const kinds = { ...APIS, ...POLICIES, ...connections(azure) };
	const { one, instanceOf, routes } = services(azure, kinds);
	const values = namedValues(azure, instanceOf);
	kinds.namedValues = values.kind;
	const { get, head, list, put, remove } = childHandlers(azure, kinds, instanceOf);
	const children = Object.keys(kinds).map(patternOf).flatMap((pattern) => [
		['GET', one + pattern, get], ['HEAD', one + pattern, head], ['PUT', one + pattern, put], ['DELETE', one + pattern, remove],
		['GET', one + pattern.replace(/\/[^/]+$/, ''), list]]);
	return [...azure.operations.located(VERSIONS, OPERATION_RESULTS),
		...versioned(VERSIONS, [...routes, ...values.routes.map(([method, pattern, handler]) => [method, one + pattern, handler]), ...children])];
}
