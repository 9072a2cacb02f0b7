/* A handler with the tools that read files and attachments, beside a sandbox of its own: for one suite. */
import assert from 'node:assert/strict';
import { after, afterEach } from 'node:test';
import { startAlone, startSandbox, use } from '../fixture.mjs';
import { callTool } from './call.mjs';

export async function startContents({ env, ...options } = {}) {
	const sandbox = await startSandbox(options);
	after(() => sandbox.stop());
	const { entra, graph } = sandbox;
	const consent = () => entra.consentGraph(['Files.Read', 'Mail.Read']);
	consent();
	afterEach(() => {
		sandbox.reset();
		consent();
	});
	const settings = { ...sandbox.env, GRAPH_TOOLS: 'files,mail', ...env };
	const handler = use(() => startAlone({ env: settings, keeps: sandbox }));
	const token = await entra.mintUserToken();
	const call = (name, args, at = handler()) => callTool(at, name, args, { token });

	async function good(name, args, at) {
		const { status, json, text } = await call(name, args, at);
		assert.equal(status, 200, text);
		return json;
	}

	/* A file that the test gives is there, and read. */
	const put = (file) => graph.putFile('adele', file);
	const readBytes = async (file, at) => good('read_file', { id: put(file) }, at);

	/* The parts of what a tool reads, put together by their cursors: {text, parts}. */
	async function whole(name, args, at) {
		const parts = [];
		let cursor;
		do {
			const part = await good(name, { ...args, ...(cursor && { cursor }) }, at);
			parts.push(part);
			({ cursor } = part);
		} while (cursor);
		return { text: parts.map(({ text }) => text).join(''), parts };
	}

	/* Nothing of an address that opens a file has been seen: neither in an answer nor in the log. */
	function assertAddressesKept(secrets) {
		const seen = [...handler().lines.map(({ text }) => text), ...handler().answers.map(({ headers, text }) => JSON.stringify(headers) + text)];
		for (const secret of secrets)
			assert.equal(seen.find((text) => text.includes(secret)), undefined, secret);
	}

	return { sandbox, entra, graph, downloads: graph.downloads, settings, handler, token, call, good, put, readBytes, whole, assertAddressesKept };
}
