/* A sandbox whose user may do all that the catalogue's writes do, and what tests of their guard ask it. */
import { startSandbox } from '../fixture.mjs';
import { graphClient } from '../graph_client.mjs';
import { MODERN, metaOf } from '../mcp.mjs';

export const SETTINGS = { GRAPH_TOOLS: 'mail,calendar,teams,tasks', GRAPH_TOOLS_WRITE: 'true' };
const SCOPES = ['Mail.ReadWrite', 'Mail.Read', 'Mail.Send', 'Calendars.ReadWrite', 'Chat.ReadBasic', 'ChatMessage.Send', 'Tasks.ReadWrite'];
export const FORMS = { elicitation: { form: {} } };
export const AGREED = { action: 'accept', content: { confirm: true } };

export async function startGuarded() {
	const sandbox = await startSandbox({ delegated: ['User.Read', ...SCOPES] });
	const { entra, graph } = sandbox;
	const ask = graphClient({ entra, graph }, { user: 'adele', scopes: SCOPES });
	const given = async (path, options) => {
		const answer = await ask(path, { headers: { Prefer: 'IdType="ImmutableId"' }, ...options });
		if (answer.status >= 300)
			throw new Error(JSON.stringify(answer.body));
		return answer.body;
	};
	const people = (addresses = []) => addresses.map((address) => ({ emailAddress: { address } }));
	return { ...sandbox,
	/* A draft of the user's, by its id; and what changes it. */
	async draft({ to, cc, bcc, subject = 'Plan', replyTo }) {
		const { id } = await given('/me/messages', { method: 'POST', body: { subject, body: { contentType: 'text', content: 'The plan.' },
			toRecipients: people(to), ccRecipients: people(cc), bccRecipients: people(bcc), replyTo: people(replyTo) } });
		graph.writes.length = 0;
		return id;
	},
	async change(id, { to, subject }) {
		await given(`/me/messages/${id}`, { method: 'PATCH', body: { ...subject && { subject }, ...to && { toRecipients: people(to) } } });
		graph.writes.length = 0;
	},
	first: async (path) => (await given(path, { headers: {} })).value,
	/* What Graph was given to do, without what a test did itself. */
	done: () => graph.writes.map(({ request }) => request) };
}

/* A tool call of a client of the modern era, as a body with its headers; answer: to a question, with the state that came. */
export function calling(name, args, { capabilities = FORMS, answer, state, id = 1 } = {}) {
	const params = { name, arguments: args, _meta: metaOf({ capabilities }), ...answer && { inputResponses: { confirm: answer } },
		...state !== undefined && { requestState: state } };
	return { body: { jsonrpc: '2.0', id, method: 'tools/call', params },
		headers: { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/call', 'mcp-name': name } };
}
