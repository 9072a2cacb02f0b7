/*
 * Requests that go on after their answer, of resources that are there meanwhile.  Location gives 202 and at last what a
 * GET would give; Azure-AsyncOperation gives {status}, and the failure in it.  A question about the resource itself counts
 * as one too, so that who comes back later finds it further on.
 */
import { versioned } from './arm.mjs';
import { regionKey } from './regions.mjs';

const KINDS = { location: 'operationResults', 'azure-asyncoperation': 'operationStatuses' };
const ofAzure = new WeakMap();
const underWay = (azure) => ofAzure.get(azure) ?? ofAzure.set(azure, new Map()).get(azure);

/* The answer.  how: {header ('location' or 'azure-asyncoperation'), namespace, region, id (of the resource), status, shown, finish};
 * shown() gives the body, finish() is done at the end. */
export async function goesOn(azure, question, { header, namespace, region, id, status = 202, shown, finish }) {
	const end = () => {
		finish();
		const body = shown();
		return body && { body };
	};
	if (!azure.slowStates) return { ...end(), status: status === 202 ? 200 : status };
	const path = azure.operations.begin(`/subscriptions/${azure.subscriptionId}/providers/${namespace}/locations/${regionKey(region)}/${KINDS[header]}`, end);
	underWay(azure).set(id.toLowerCase(), path.split('/').at(-1));
	return { status, body: shown(), headers: { [header]: `https://${question.host}${path}?api-version=${question.query('api-version')}`, 'retry-after': '0' } };
}

/* Whether nothing goes on with a resource (any more). */
export async function settled(azure, id) {
	const operation = underWay(azure).get(id.toLowerCase());
	if (operation && (await azure.operations.ask(operation)).state === 'InProgress') return false;
	underWay(azure).delete(id.toLowerCase());
	return true;
}

export function pendingRoutes(azure, namespace, versions) {
	const base = (kind) => `/subscriptions/{subscription}/providers/${namespace}/locations/{location}/${kind}`;
	return [
		...azure.operations.located(versions, base('operationResults')),
		...versioned(versions, [['GET', `${base('operationStatuses')}/{id}`, async ({ params }) => {
			const { state, error } = await azure.operations.ask(params.id);
			return { headers: { 'retry-after': '0' }, body: { name: params.id, status: state, ...(error && { error: { code: error.code, message: error.message } }) } };
		}]]),
	];
}
