/* The TypeScript SDK's version 1 with express, stateless and answering in JSON: its fastest form. */
import { readFileSync } from 'node:fs';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import express from 'express';

const [port, toolsFile] = process.argv.slice(2);
const { tools } = JSON.parse(readFileSync(toolsFile, 'utf8'));
const app = express();

function call({ params }) {
	const result = { message: `Hello, ${params.arguments.name}!` };
	return { content: [{ type: 'text', text: JSON.stringify(result) }],
		structuredContent: result, isError: false };
}

app.get('/', (req, res) => { res.json({ status: 'ok' }); });
app.get('/hello', (req, res) => { res.json({ message: `Hello, ${req.query.name}!` }); });
app.get('/me', async (req, res) => {
	const answer = await fetch(`${process.env.GRAPH_URL}/v1.0/me`,
		{ headers: { authorization: req.headers.authorization } });
	res.status(answer.status).json(await answer.json());
});
app.post('/mcp', express.json(), async (req, res) => {
	const server = new Server({ name: 'peer', version: '1' }, { capabilities: { tools: {} } });
	const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined,
		enableJsonResponse: true });
	server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
	server.setRequestHandler(CallToolRequestSchema, call);
	res.on('close', () => server.close());
	await server.connect(transport);
	await transport.handleRequest(req, res, req.body);
});
app.listen(Number(port), '127.0.0.1');
