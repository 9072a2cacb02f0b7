/* The TypeScript SDK's version 2 on Node's own HTTP server, both eras. */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { Server, createMcpHandler } from '@modelcontextprotocol/server';

const [port, toolsFile] = process.argv.slice(2);
const { tools } = JSON.parse(readFileSync(toolsFile, 'utf8'));

function call({ params }) {
	const result = { message: `Hello, ${params.arguments.name}!` };
	return { content: [{ type: 'text', text: JSON.stringify(result) }],
		structuredContent: result, isError: false };
}

const mcp = toNodeHandler(createMcpHandler(() => {
	const server = new Server({ name: 'peer', version: '1' }, { capabilities: { tools: {} } });
	server.setRequestHandler('tools/list', () => ({ tools }));
	server.setRequestHandler('tools/call', call);
	return server;
}, { responseMode: 'json' }));

http.createServer((req, res) => {
	if (req.url === '/mcp')
		return mcp(req, res);
	res.setHeader('content-type', 'application/json');
	return res.end('{"status":"ok"}');
}).listen(Number(port), '127.0.0.1');
