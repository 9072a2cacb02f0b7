/* @ai-sdk/mcp, the client of Vercel's AI SDK, signs in with a client id that was given, or registers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnauthorizedError, auth, createMCPClient } from '@ai-sdk/mcp';
import { inEachPlace, memoryProvider, signsIn } from '../stage/sign_in.mjs';

const KINDS = {
	'a given client id': ({ clientId, url }) => ({ information: { client_id: clientId, issuer: url } }),
	'registration': () => ({}),
};

function clientOf({ endpoint }, provider) {
	const connect = () => createMCPClient({ transport: { type: 'http', url: endpoint, authProvider: provider } });
	let client;
	return { age: provider.age,
		async me() {
			if (!client) {
				await assert.rejects(connect(), UnauthorizedError);
				await auth(provider, { serverUrl: endpoint, authorizationCode: provider.code });
				client = await connect();
			}
			const { me } = await client.tools();
			const result = await me.execute({}, { toolCallId: 'one', messages: [] });
			return result.structuredContent;
		},
		close: () => client?.close() };
}

inEachPlace((place) => {
	for (const [kind, knows] of Object.entries(KINDS)) {
		test(`signs in with ${kind}, and renews its token`, async (t) => {
			const client = clientOf(place(), memoryProvider(knows(place())));
			t.after(client.close);
			await signsIn(place(), client);
		});
	}
});
