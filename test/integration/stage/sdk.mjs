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
