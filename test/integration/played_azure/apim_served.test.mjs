/*
 * What an instance of the played API Management holds after the project's policies were put into it is what the gateway
 * emulator serves, and it answers as the rendering itself does.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { exportTo } from '../../sandbox/azure/apim/export.mjs';
import { playedInstance, requestsOf, withVault } from '../stage/apim_stage.mjs';
import { FUNCTION_KEY, ORIGIN, startGateway, startSurroundings } from '../stage/policies_stage.mjs';

const SETTINGS = { secret: { OBO_CREDENTIAL: 'secret' }, 'managed-identity': { OBO_CREDENTIAL: 'managed-identity', EXCHANGE_AUDIENCE: 'api://AzureADTokenExchangeUSGov' } };

/* {folder, secrets} of an instance into which everything of a rendered folder was put. */
async function stored(t, around, rendered) {
	const it = await playedInstance(t);
	await it.part('DELETE', 'apis/echo-api');
	const { grant } = await withVault(it, 'contoso', { 'function-key': FUNCTION_KEY, 'client-secret': around.entra.clientSecret });
	await grant();
	for (const [path, properties] of requestsOf(rendered)) {
		const { status, body } = await it.put(path, properties);
		assert.ok([200, 201].includes(status), `${path}: ${JSON.stringify(body)}`);
	}
	const folder = mkdtempSync(join(tmpdir(), 'exported-'));
	t.after(() => rmSync(folder, { recursive: true }));
	return { folder, ...exportTo(it.azure, 'gateway-1', folder) };
}

const operationsOf = (folder) => JSON.parse(readFileSync(join(folder, 'apis.json'), 'utf8')).apis
	.map(({ id, path, operations }) => ({ id, path, operations: operations.map(({ id: name, method, urlTemplate, policy }) => [name, method, urlTemplate, Boolean(policy)]).sort() }));

/* Every operation, and what is none. */
const questionsOf = (apis) => [
	...apis.flatMap(({ path, operations }) => operations.map(([, method, template]) => [method, `${path && `/${path}`}${template.replace(/\{\w+\}|\*/g, 'x')}`])),
	['DELETE', '/mcp/x'], ['GET', '/nowhere'], ['OPTIONS', '/mcp', { origin: ORIGIN, 'access-control-request-method': 'POST' }]];
const ONCE = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const plain = ({ status, headers: { date, connection, ...headers }, text }) => JSON.parse(JSON.stringify({ status, headers, text }).replace(ONCE, 'ID'));

for (const [credential, settings] of Object.entries(SETTINGS)) {
	test(`what was deployed with ${credential} answers as what was rendered`, async (t) => {
		const around = await startSurroundings({});
		t.after(() => around.stop());
		const meant = await startGateway(around, { settings });
		t.after(() => meant.stop());
		const made = {};
		const deployed = await startGateway(around, { settings, async stored(rendered) {
			Object.assign(made, { rendered: operationsOf(rendered), ...await stored(t, around, rendered) });
			return made.folder;
		} });
		t.after(() => deployed.stop());
		assert.deepEqual(operationsOf(made.folder), made.rendered);
		assert.deepEqual(made.secrets, { 'function-key': FUNCTION_KEY, ...(credential === 'secret' && { CLIENT_SECRET: around.entra.clientSecret }) });
		const token = await around.entra.mintUserToken();
		const questions = questionsOf(made.rendered).flatMap(([method, path, headers]) => [{ method, path, headers }, { method, path, headers, token }]);
		for (const { path, ...question } of questions) {
			const [wanted, given] = [await meant.ask(path, question), await deployed.ask(path, question)];
			assert.deepEqual(plain(given), plain(wanted), `${question.method} ${path}`);
		}
		assert.equal((await deployed.ask('/me', { token })).status, 200);
		assert.equal(around.backend.requests.at(-1).headers['x-functions-key'], FUNCTION_KEY);
	});
}
