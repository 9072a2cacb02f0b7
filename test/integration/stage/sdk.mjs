/* The official SDK's clients, both versions, in each way they find the era. */
import * as v2 from '@modelcontextprotocol/client';
import * as v2stdio from '@modelcontextprotocol/client/stdio';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import * as v1 from '@modelcontextprotocol/sdk/client/index.js';
import * as v1stdio from '@modelcontextprotocol/sdk/client/stdio.js';
import * as v1http from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export const SDK1 = { Client: v1.Client, Http: v1http.StreamableHTTPClientTransport,
	Stdio: v1stdio.StdioClientTransport, Unauthorized: UnauthorizedError };
export const SDK2 = { Client: v2.Client, Http: v2.StreamableHTTPClientTransport,
	Stdio: v2stdio.StdioClientTransport, Unauthorized: v2.UnauthorizedError };
export const negotiating = (mode) => ({ versionNegotiation: { mode } });

/* [name, SDK, its options, the era it must end up in] */
export const FLAVOURS = [
	['v1', SDK1, {}, 'legacy'],
	['v2 legacy', SDK2, negotiating('legacy'), 'legacy'],
	['v2 auto', SDK2, negotiating('auto'), 'modern'],
	['v2 pinned', SDK2, negotiating({ pin: '2026-07-28' }), 'modern'],
];

const INFO = { name: 'sign-in test', version: '1' };

/* A client, {me, age, close}, whose person signs in when it is told to (provider: memoryProvider of sign_in.mjs); options: the SDK's. */
export function signingIn({ Client, Http, Unauthorized, options }, endpoint, provider) {
	let [transport, client] = [];
	async function call() {
		if (!client) {
			transport = new Http(new URL(endpoint), { authProvider: provider });
			const fresh = new Client(INFO, options);
			await fresh.connect(transport);
			client = fresh;
		}
		return (await client.callTool({ name: 'me', arguments: {} })).structuredContent;
	}
	return { age: provider.age,
		async me() {
			try {
				return await call();
			} catch (error) {
				if (!(error instanceof Unauthorized))
					throw error;
				await transport.finishAuth(provider.code);
				client = undefined;
				return call();
			}
		},
		close: () => client?.close() };
}
