/*
 * The official SDKs, versions 1 and 2, sign in with each kind of client id: given, the address of a
 * metadata document, registered.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v2 from '@modelcontextprotocol/client';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import * as v1 from '@modelcontextprotocol/sdk/client/index.js';
import * as v1http from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CIMD, inEachPlace, memoryProvider, signsIn } from '../stage/sign_in.mjs';

const INFO = { name: 'sign-in test', version: '1' };
const SDKS = {
	v1: { Client: v1.Client, Http: v1http.StreamableHTTPClientTransport, Unauthorized: UnauthorizedError },
	v2: { Client: v2.Client, Http: v2.StreamableHTTPClientTransport, Unauthorized: v2.UnauthorizedError,
		options: { versionNegotiation: { mode: 'auto' } } },
};

const KINDS = {
	'a given client id': ({ clientId, url }) => ({ information: { client_id: clientId, issuer: url } }),
	'a client metadata document': () => ({ url: CIMD }),
	'registration': () => ({}),
};

function clientOf({ Client, Http, Unauthorized, options }, endpoint, provider) {
	const open = () => new Http(new URL(endpoint), { authProvider: provider });
	const connect = async (transport) => {
		const client = new Client(INFO, options);
		await client.connect(transport);
		return client;
	};
	let client;
	return { age: provider.age,
		async me() {
			if (!client) {
				const first = open();
				await assert.rejects(connect(first), Unauthorized);
				await first.finishAuth(provider.code);
				client = await connect(open());
			}
			return (await client.callTool({ name: 'me', arguments: {} })).structuredContent;
		},
		close: () => client?.close() };
}

inEachPlace((place) => {
	for (const [version, sdk] of Object.entries(SDKS)) {
		for (const [kind, knows] of Object.entries(KINDS)) {
			test(`${version} signs in with ${kind}, and renews its token`, async (t) => {
				const client = clientOf(sdk, place().endpoint, memoryProvider(knows(place())));
				t.after(client.close);
				await signsIn(place(), client);
			});
		}
	}
});
