/* What stands before a write in another's mailbox: the draft is looked at there, by the permission for it. */
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { assertError, runHandler, startAlone, startSandbox, use } from '../stage/fixture.mjs';
import { callTool } from '../stage/graph_tools/call.mjs';
import { clientOf, failureOf } from '../stage/mcp.mjs';

const SUPPORT = 'support@contoso.example';

const sandbox = await startSandbox();
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra, graph } = sandbox;
const tools = { GRAPH_TOOLS: 'mail,shared', GRAPH_TOOLS_WRITE: 'true' };
const inside = use(() => startAlone({ env: { ...sandbox.env, ...tools, WRITE_RECIPIENT_DOMAINS: 'contoso.example' }, keeps: sandbox }));
const asking = use(() => startAlone({ env: { ...sandbox.env, ...tools, CONFIRM_WRITES: 'true' }, keeps: sandbox }));
const open = use(() => startAlone({ env: { ...sandbox.env, ...tools }, keeps: sandbox }));

async function drafted(token, to) {
	const { status, json, text } = await callTool(open(), 'draft_mail', { mailbox: SUPPORT, to: [to], subject: 'Hi', body: 'B' }, { token });
	assert.equal(status, 200, text);
	graph.requests.length = 0;
	return { mailbox: SUPPORT, id: json.id };
}
const asked = () => graph.requests.map(({ method, url }) => `${method} ${decodeURIComponent(url.replace(/^\/v1\.0|\?.*$/g, ''))}`);

test('a draft of that mailbox is sent where all whom it reaches are inside', async () => {
	entra.consentGraph('all');
	const token = await entra.mintUserToken();
	const args = await drafted(token, 'zoe@contoso.example');
	const { status, text } = await callTool(inside(), 'send_draft', args, { token });
	assert.equal(status, 200, text);
	assert.deepEqual(asked(), [`GET /users/${SUPPORT}/messages/${args.id}`, `POST /users/${SUPPORT}/messages/${args.id}/send`]);
	assert.equal(graph.sent.length, 1);
});

test('one that reaches outside is not, and whom it would reach is named', async () => {
	entra.consentGraph('all');
	const token = await entra.mintUserToken();
	const answer = assertError(await callTool(inside(), 'send_draft', await drafted(token, 'x@elsewhere.example'), { token }), 403, 'recipient_not_allowed');
	assert.match(answer.json.error.message, /x@elsewhere\.example/);
	assert.deepEqual(graph.sent, []);
});

test('the look asks for Mail.Read.Shared, the sending for Mail.Send.Shared, and --permissions names both', async () => {
	entra.consentGraph('all', 'zoe');
	const args = await drafted(await entra.mintUserToken({ user: 'zoe' }), 'zoe@contoso.example');
	entra.consentGraph(['Mail.Send.Shared'], 'adele');
	const answer = assertError(await callTool(inside(), 'send_draft', args, { token: await entra.mintUserToken() }), 403, 'consent_required');
	assert.match(new URL(answer.json.error.consentUrl).searchParams.get('scope'), /\/Mail\.Read\.Shared$/);
	const { out } = await runHandler({ args: ['--permissions'], env: { ...tools, GRAPH_TOOLS: 'send_draft,shared', CONFIRM_WRITES: 'true' } });
	assert.equal(out.split('\n')[0], 'send_draft\tMail.Read Mail.Read.Shared Mail.Send Mail.Send.Shared');
});

test('the person is told whose mailbox it is', async () => {
	entra.consentGraph('all');
	const token = await entra.mintUserToken();
	const args = await drafted(token, 'zoe@contoso.example');
	const { modern } = await clientOf(asking(), { token });
	const answer = await modern('tools/call', { name: 'send_draft', arguments: args }, { meta: { capabilities: { elicitation: { form: {} } } } });
	const { resultType, inputRequests } = answer.json.result;
	assert.equal(resultType, 'input_required', answer.text);
	assert.match(inputRequests.confirm.params.message, new RegExp(`^In the mailbox of ${SUPPORT}:\n`));
	assert.deepEqual(graph.sent, []);
	assert.equal(failureOf(await (await clientOf(asking(), { token })).legacyCall('send_draft', args)).code, 'confirmation_required');
});
