/* @ai-sdk/mcp, the client of Vercel's AI SDK, signs in with a client id that was given, or registers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnauthorizedError, auth, createMCPClient } from '@ai-sdk/mcp';
import { givesUp, inEachPlace, isAskedAtOnce, memoryProvider, opening, signsInWithEach } from '../stage/sign_in.mjs';

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

const open = opening((place, knows) => clientOf(place, memoryProvider(knows)));

inEachPlace((place) => {
	signsInWithEach(KINDS, place, open);

	test('takes a challenge for more for an error', async (t) => givesUp(place(), await open(t, place())));
});

isAskedAtOnce(open);
