/*
 * The directory of a played Azure, asked as a deployment and `az ad` ask it.
 */
import assert from 'node:assert/strict';
import { asApplication, asUser, askAs, played } from '../azure_client.mjs';

export const SCOPE_ID = '5c0b1a7e-2f64-4d7a-9a3f-8d4e6b1c9f20';
export const VS_CODE = 'aebc6443-996d-45c2-90f0-388ff96faa56';
const GRAPH = 'https://graph.microsoft.com/v1.0';

export const ourScope = (fields) => ({ id: SCOPE_ID, value: 'access_as_user', type: 'User', isEnabled: true, adminConsentDisplayName: 'Call it', adminConsentDescription: 'Call it.', ...fields });

/* {azure, ask(method, path, body), register(fields): an application that is known everywhere}; as: who asks, "user" or "app". */
export async function directory(t, { as = 'user', ...options } = {}) {
	const { azure } = await played(t, { slowDirectory: 0, ...options });
	const who = as === 'user' ? asUser(azure) : asApplication(azure.client.oid);
	const ask = (method, path, body) => askAs(azure, who, method, GRAPH + path, { body });
	return { azure, ask, async register(fields) {
		const { status, body } = await ask('POST', '/applications', { displayName: 'graph-mcp', ...fields });
		assert.equal(status, 201, JSON.stringify(body));
		return body;
	} };
}

export function assertRefused({ status, body }, wanted, code, words) {
	assert.equal(status, wanted, JSON.stringify(body));
	assert.equal(body.error.code, code);
	assert.match(body.error.message, words);
	assert.deepEqual(Object.keys(body.error.innerError), ['date', 'request-id', 'client-request-id']);
}

export const found = ({ body }) => body.value.map(({ displayName }) => displayName);
export const quoted = (filter) => `?$filter=${encodeURIComponent(filter)}`;
