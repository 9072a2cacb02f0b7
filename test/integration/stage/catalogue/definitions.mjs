/* The files of graph-tools/ as they are read, and what follows from them. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repo = fileURLToPath(new URL('../../../../', import.meta.url));
const FOLDER = join(repo, 'graph-tools');

/* Each file: its name and what it says. */
export const readFiles = () => readdirSync(FOLDER).sort()
	.map((file) => ({ file, content: JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) }));

/* All tools, each with its set. */
export const readTools = () => readFiles().flatMap(({ content }) => content.tools.map((tool) => ({ set: content.set, ...tool })));

/* Every one of them on. */
export const everyTool = (...words) => ({ GRAPH_TOOLS: [...words, ...readTools().map(({ name }) => name)].join(), GRAPH_TOOLS_WRITE: 'true' });

/* The templates that a text can become. */
export function templatesOf(text) {
	if (typeof text === 'string')
		return [text];
	if (Array.isArray(text))
		return text.flatMap(templatesOf);
	if (text?.of)
		return Object.values(text.of).flatMap(templatesOf);
	return templatesOf(text?.all ?? text?.kql ?? text?.value ?? []);
}

const MAILBOX = { type: 'string', description: 'Address or id of a shared mailbox' };

/* A tool as tools/list shows it; withShared: where GRAPH_TOOLS says shared. */
export function listed({ name, title, description, arguments: args = {}, required, writes, result, shared }, { withShared } = {}) {
	const page = { ...(result.page && { limit: { type: 'integer', minimum: 1, maximum: result.page.max } }),
		...((result.page ?? result.content) && { cursor: { type: 'string' } }) };
	return { name, title, description,
		inputSchema: { type: 'object', properties: { ...args, ...page, ...(withShared && shared && { mailbox: MAILBOX }) }, ...(required && { required }), additionalProperties: false },
		outputSchema: { type: 'object', properties: {} },
		annotations: { readOnlyHint: !writes, destructiveHint: writes?.destructive ?? false,
			idempotentHint: writes?.idempotent ?? true, openWorldHint: true } };
}
