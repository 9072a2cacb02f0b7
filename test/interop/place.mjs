/*
 * Where clients sign in: the handler with its door before the sandbox Entra, by itself or with what stands
 * before it.  A place is {url, endpoint, entra, clientId, registrations, reset, stop}: url is the address that
 * clients are given, without /mcp.
 */
import { freePort } from '../sandbox/host/client.mjs';
import { assertKept, startAlone, startHosted, startSandbox } from '../integration/stage/fixture.mjs';

/* start({port, env, sandbox}): the handler, and what is before it at that port. */
async function startPlace(start) {
	const sandbox = await startSandbox();
	const { entra } = sandbox;
	const port = await freePort();
	const url = `http://127.0.0.1:${port}`;
	const clientId = entra.directory.mcp.clientId;
	const handler = await start({ port, sandbox, env: { ...sandbox.env, APIM_GATEWAY_URL: url, MCP_CLIENT_ID: clientId } });
	let before = 0;
	return { url, endpoint: `${url}/mcp`, entra, clientId,
		/* How often somebody registered since the last reset. */
		registrations: () => handler.lines.slice(before)
			.filter(({ text }) => / status=201 .*action=register /.test(text)).length,
		reset() {
			sandbox.reset();
			before = handler.lines.length;
		},
		/* Nothing of anybody's codes, verifiers and tokens may have been logged. */
		async stop() {
			await handler.ask('/hello');
			assertKept(handler, sandbox.secrets);
			await handler.stop();
			await sandbox.stop();
		} };
}

export const PLACES = {
	alone: () => startPlace(startAlone),
	host: () => startPlace(({ port, env }) => startHosted({ port, env, mode: 'proxying' })),
};
