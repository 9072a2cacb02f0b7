/* @ai-sdk/mcp, the client of Vercel's AI SDK, signs in with a client id that was given, or registers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnauthorizedError, auth, createMCPClient } from '@ai-sdk/mcp';
import { givesUp, inEachPlace, isAskedAtOnce, memoryProvider, signsIn } from '../stage/sign_in.mjs';

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

function open(t, place, knows) {
	const client = clientOf(place, memoryProvider(knows));
	t.after(client.close);
	return client;
}

inEachPlace((place) => {
	for (const [kind, knows] of Object.entries(KINDS)) {
		test(`signs in with ${kind}, and renews its token`, (t) =>
			signsIn(place(), open(t, place(), knows(place()))));
	}

	test('takes a challenge for more for an error', (t) => givesUp(place(), open(t, place())));
});

isAskedAtOnce(open);
