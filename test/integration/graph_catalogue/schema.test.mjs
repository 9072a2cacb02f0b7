/* docs/graph-tools.schema.json, which editors check a file of graph-tools/ by: it takes what is right and nothing else. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import Ajv from 'ajv/dist/2020.js';
import { send, startAlone, use } from '../stage/fixture.mjs';
import { readFiles, repo } from '../stage/catalogue/definitions.mjs';

const accepts = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true })
	.compile(JSON.parse(readFileSync(join(repo, 'docs/graph-tools.schema.json'), 'utf8')));
const faults = () => JSON.stringify(accepts.errors, null, 1);

/* Uses every form of the language. */
const EVERYTHING = {
	$schema: '../docs/graph-tools.schema.json', set: 'extra_1',
	tools: [
		{ name: 'read_all', title: 'Read', description: 'Reads.', permissions: ['Mail.Read', 'Sites.Read.All'], larger: 'body',
			arguments: {
				words: { type: 'string', minLength: 1, maxLength: 9, pattern: '^a', default: 'a', examples: ['a'], description: 'What.' },
				since: { type: 'string', format: 'date-time' }, which: { type: 'string', enum: ['a', 'b'] },
				count: { type: 'integer', minimum: 1, maximum: 5, default: 2, examples: [1] },
				all: { type: 'boolean', default: false, examples: [true] },
				people: { type: 'array', items: { type: 'string', maxLength: 5 }, minItems: 1, maxItems: 3, uniqueItems: true, examples: [['a']] } },
			required: ['words', 'which'], excludes: { words: ['since', 'all'] },
			request: { path: { choose: 'which', of: { a: '/me/a', b: { choose: 'all', of: { true: "/b(q='{words}')", false: '/b' } } } },
				query: { $select: true, start: '{since}', search: { value: '{words}', when: 'words', unless: ['all', 'count'] },
					$filter: { all: ['a eq {count}', { choose: 'all', of: { true: 'b' } }], when: ['count'] },
					$search: { kql: ['{words}'], unless: 'all' } },
				headers: { Prefer: ['a="{words}"', { value: 'b', when: 'all' }], ConsistencyLevel: 'eventual' } },
			result: { list: 'value', as: 'items',
				pick: { id: 'id', to: 'to[].address', kind: '@odata.type', deep: 'a.b[].@odata.type', text: { at: 'body.content', html: true },
					inner: { at: 'attendees[]', pick: { name: 'name' } } },
				others: ['text', 'inner.name'], page: { size: '$top', default: 10, max: 50 } },
			notFound: 'No.' },
		{ name: 'theirs', title: 'Theirs', description: 'Theirs.', permissions: ['A'], shared: ['A.Shared'],
			arguments: { all: { type: 'boolean', default: true } },
			request: { path: { choose: 'all', of: { true: '/me/a', false: '/me/b/c' } } }, result: { pick: { id: 'id' } } },
		{ name: 'find', title: 'Find', description: 'Finds.', permissions: ['Mail.Read'], compiled: 'search',
			arguments: { query: { type: 'string' } }, required: ['query'] },
		{ name: 'cut', title: 'Cut', description: 'Cuts.', permissions: ['A'], request: { path: '/me' },
			result: { list: 'value', as: 'items', pick: { id: 'id' }, page: { default: 10, max: 50 } } },
		{ name: 'one', title: 'One', description: 'One.', permissions: ['A'], arguments: { many: { type: 'array', items: { type: 'string' } } },
			request: { method: 'POST', path: '/me',
				body: { a: [1, '{many}', null], b: { each: 'many', as: { c: '{item}' } }, d: { value: 1, when: 'many' } } },
			result: { pick: { id: 'id' } } },
		{ name: 'both', title: 'Both', description: 'Both.', permissions: ['A'], arguments: { a: { type: 'string' }, b: { type: 'boolean' } },
			writes: { destructive: true, idempotent: true }, unsure: 'Look.', confirm: 'Do it?',
			request: [{ when: 'a', done: 'It was put.', method: 'PUT', path: '/me', body: { a: '{a}' } },
				{ when: ['b'], unless: 'a', method: 'POST', path: '/me/b' }], result: { say: 'Done.' } },
		{ name: 'file', title: 'File', description: 'File.', permissions: ['A'], request: { path: '/me/file' },
			result: { pick: { name: 'name', size: 'size', type: 'type' }, others: ['name'],
				content: { path: '/$value', needs: 'type', type: 'message/rfc822', none: 'There is none.' } } },
		{ name: 'write', title: 'Write', description: 'Writes.', permissions: ['A'], writes: { destructive: true, idempotent: false },
			unsure: 'Look.', confirm: 'Do {it} to {who}?\n{{{seen}}}', arguments: { it: { type: 'string' }, all: { type: 'boolean', default: false } },
			recipients: ['it', { choose: 'all', of: { true: 'who' } }, { value: 'seen', when: 'all' }],
			look: { when: 'it', unless: ['all'], path: { choose: 'all', of: { true: '/me', false: '/me/b' } }, query: { $select: true },
				headers: { Prefer: 'a' }, permissions: ['B'], pick: { who: { at: 'to[]', pick: { address: 'address' } }, seen: 'a.b' } },
			request: { method: 'DELETE', path: '/me' }, result: { say: 'Done.' } },
	] };

for (const { file, content } of readFiles())
	test(`${file} is of the schema`, () => assert.ok(accepts(content), faults()));

test('every form of the language is of the schema', () => assert.ok(accepts(EVERYTHING), faults()));

/* Of a tool that has shared, what lets it write. */
const LENT = { writes: { destructive: false, idempotent: false }, unsure: 'Look.', confirm: 'Do it?', request: { method: 'POST', path: '/me/a' },
	look: { path: '/me/a', pick: { b: 'b' } } };
const SHARED = EVERYTHING.tools.findIndex(({ shared }) => shared);
const WRITES = EVERYTHING.tools.length - 1;
const BOTH = EVERYTHING.tools.findIndex(({ name }) => name === 'both');
const CODE = EVERYTHING.tools.findIndex(({ compiled }) => compiled);
const FILE = EVERYTHING.tools.findIndex(({ name }) => name === 'file');
const tool = (change, at = 0) => (file) => change(file.tools[at]);
const argument = (schema) => tool((t) => { t.arguments.words = schema; });

const MISTAKES = {
	'no set': (f) => { delete f.set; },
	'a set that is no name': (f) => { f.set = 'Mail'; },
	'no tools': (f) => { f.tools = []; },
	'an unknown member of the file': (f) => { f.version = 1; },
	'an unknown member of a tool': tool((t) => { t.readOnly = true; }),
	'a tool without a name': tool((t) => { delete t.name; }),
	'a name with a hyphen': tool((t) => { t.name = 'list-mail'; }),
	'a name of 65 characters': tool((t) => { t.name = 'a'.repeat(65); }),
	'an empty description': tool((t) => { t.description = ''; }),
	'no title': tool((t) => { delete t.title; }),
	'no permission': tool((t) => { t.permissions = []; }),
	'nine permissions': tool((t) => { t.permissions = [...'abcdefghi']; }),
	'a permission with its resource': tool((t) => { t.permissions = ['https://graph.microsoft.com/Mail.Read']; }),
	'a tool that is named as the word': tool((t) => { t.name = 'shared'; }),
	'a set that is named as the word': (f) => { f.set = 'shared'; },
	'shared without a permission': tool((t) => { t.shared = []; }, SHARED),
	'a path of shared that is nobody\'s own': tool((t) => { t.request.path = '/users/a'; }, SHARED),
	'one such path of a choice': tool((t) => { t.request.path.of.false = '/sites/a'; }, SHARED),
	'a look in nobody\'s mailbox beside shared': tool((t) => { Object.assign(t, LENT, { look: { ...LENT.look, path: '/chats' } }); }, SHARED),
	'a look with permissions and none for others beside shared': tool((t) => {
		Object.assign(t, LENT, { look: { path: '/me/a', permissions: ['A'], pick: { b: 'b' } } });
	}, SHARED),
	'a look with permissions for others alone': tool((t) => { Object.assign(t, LENT, { look: { path: '/me/a', shared: ['A'], pick: { b: 'b' } } }); }, SHARED),
	'an argument named mailbox beside shared': tool((t) => { t.arguments.mailbox = { type: 'string' }; }, SHARED),
	'larger that is no place': tool((t) => { t.larger = 'body preview'; }),
	'writes without saying how': tool((t) => { t.writes = { destructive: true }; }, WRITES),
	'writes: true': tool((t) => { t.writes = true; }, WRITES),
	'writes without a sentence for when that is unsure': tool((t) => { delete t.unsure; }, WRITES),
	'writes without a question for the person': tool((t) => { delete t.confirm; }, WRITES),
	'a question of what only reads': tool((t) => { t.confirm = 'Do it?'; }),
	'a question that is a list': tool((t) => { t.confirm = ['Do it?']; }, WRITES),
	'recipients of what only reads': tool((t) => { t.recipients = ['words']; }),
	'recipients that are one name': tool((t) => { t.recipients = 'it'; }, WRITES),
	'no recipients': tool((t) => { t.recipients = []; }, WRITES),
	'a look of what only reads': tool((t) => { t.look = { path: '/me', pick: { id: 'id' } }; }),
	'a look at nothing': tool((t) => { delete t.look.pick; }, WRITES),
	'a look without a path': tool((t) => { delete t.look.path; }, WRITES),
	'a look that is no GET': tool((t) => { t.look.method = 'POST'; }, WRITES),
	'a look with a body': tool((t) => { t.look.body = {}; }, WRITES),
	'a look with no permissions': tool((t) => { t.look.permissions = []; }, WRITES),
	'such a sentence of what only reads': tool((t) => { t.unsure = 'Look.'; }),
	'several requests of what only reads': tool((t) => { delete t.writes; delete t.unsure; }, BOTH),
	'no request in a list': tool((t) => { t.request = []; }, BOTH),
	'three requests': tool((t) => { t.request = [t.request[0], ...t.request]; }, BOTH),
	'a first request that says not what is done then': tool((t) => { delete t.request[0].done; }, BOTH),
	'a request that is sent when nobody says': tool((t) => { t.request[0].when = '{a}'; }, BOTH),
	'a GET that writes': tool((t) => { t.writes = { destructive: false, idempotent: true }; }),
	'a GET with a body': tool((t) => { t.request.body = {}; }),
	'a GET by name that writes': tool((t) => { t.request.method = 'GET'; }, WRITES),
	'an argument named limit': tool((t) => { t.arguments.limit = { type: 'integer' }; }),
	'an argument named cursor': tool((t) => { t.arguments.cursor = { type: 'string' }; }),
	'an argument named item': tool((t) => { t.arguments.item = { type: 'string' }; }),
	'an argument in camel case': tool((t) => { t.arguments.timeZone = { type: 'string' }; }),
	'an argument without a type': argument({ description: 'x' }),
	'an argument that is an object': argument({ type: 'object' }),
	'an argument that is a number': argument({ type: 'number' }),
	'an array of integers': argument({ type: 'array', items: { type: 'integer' } }),
	'an array of anything': argument({ type: 'array' }),
	'another format': argument({ type: 'string', format: 'email' }),
	'an enum of integers': argument({ type: 'integer', enum: [1] }),
	'a keyword of another type': argument({ type: 'boolean', minLength: 1 }),
	'an unknown keyword': argument({ type: 'string', oneOf: [] }),
	'a default of another type': argument({ type: 'integer', default: '5' }),
	'unique items without a most': argument({ type: 'array', items: { type: 'string' }, uniqueItems: true }),
	'an empty list of required': tool((t) => { t.required = []; }),
	'an exclusion that names no list': tool((t) => { t.excludes = { words: 'since' }; }),
	'a request without a path': tool((t) => { delete t.request.path; }),
	'a path that does not begin with a slash': tool((t) => { t.request.path = 'me'; }),
	'an address instead of a path': tool((t) => { t.request.path = 'https://graph.example/me'; }),
	'a query within the path': tool((t) => { t.request.path = '/me?$top=5'; }),
	'a path that may be left out': tool((t) => { t.request.path = { value: '/me', when: 'words' }; }),
	'a method that Graph has not': tool((t) => { t.request.method = 'HEAD'; }),
	'a method in lower case': tool((t) => { t.request.method = 'post'; }, WRITES),
	'a host': tool((t) => { t.request.host = 'graph.example'; }),
	'true beside another option than $select': tool((t) => { t.request.query.$expand = true; }),
	'a number as a query value': tool((t) => { t.request.query.$top = 5; }),
	'a query name with an equals sign': tool((t) => { t.request.query['a=b'] = 'x'; }),
	'an unknown form': tool((t) => { t.request.query.$filter = { any: ['a'] }; }),
	'two forms at once': tool((t) => { t.request.query.$filter = { all: ['a'], kql: ['b'] }; }),
	'a value without a condition': tool((t) => { t.request.query.$filter = { value: 'a' }; }),
	'a choice of nothing': tool((t) => { t.request.query.$filter = { choose: 'all', of: {} }; }),
	'a condition that is no name': tool((t) => { t.request.query.$filter = { value: 'a', when: '{words}' }; }),
	'five headers': tool((t) => { t.request.headers = { a: '1', b: '1', c: '1', d: '1', e: '1' }; }),
	...Object.fromEntries(['Authorization', 'authorization', 'HOST', 'Content-Type', 'content-length', 'Accept', 'User-Agent',
		'client-request-id', 'traceparent', 'Retry-Attempt', 'Cookie', 'Connection', 'Transfer-Encoding']
		.map((name) => [`the header ${name}`, tool((t) => { t.request.headers = { [name]: 'x' }; })])),
	'a header with a line end in its name': tool((t) => { t.request.headers = { 'a\r\nb': 'x' }; }),
	'code that is not there': tool((t) => { t.compiled = 'find'; }, CODE),
	'code beside a request': tool((t) => { t.request = { path: '/me' }; }, CODE),
	'code beside a result': tool((t) => { t.result = { say: 'Done.' }; }, CODE),
	'code without its argument': tool((t) => { delete t.arguments; delete t.required; }, CODE),
	'neither a request nor code': tool((t) => { delete t.request; }),
	'a result of nothing': tool((t) => { t.result = {}; }),
	'a result that says and picks': tool((t) => { t.result = { say: 'Done.', pick: { id: 'id' } }; }),
	'a list without its name': tool((t) => { delete t.result.as; }),
	'a page of an object': tool((t) => { t.result = { pick: { id: 'id' }, page: { default: 1, max: 1 } }; }),
	'a page without a most': tool((t) => { delete t.result.page.max; }),
	'a page of none': tool((t) => { t.result.page.default = 0; }),
	'nothing picked': tool((t) => { t.result.pick = {}; }),
	'a short name with a dot': tool((t) => { t.result.pick = { 'a.b': 'a' }; }),
	'a place with an index': tool((t) => { t.result.pick = { a: 'a[0]' }; }),
	'a place that goes on after @': tool((t) => { t.result.pick = { a: '@odata.type[].b' }; }),
	'a place with a space': tool((t) => { t.result.pick = { a: 'a b' }; }),
	'HTML that is false': tool((t) => { t.result.pick = { a: { at: 'a', html: false } }; }),
	'HTML that is picked into': tool((t) => { t.result.pick = { a: { at: 'a', html: true, pick: { b: 'b' } } }; }),
	'others that is one name': tool((t) => { t.result.others = 'text'; }),
	'a file\'s place as a text': tool((t) => { t.result.content = '/content'; }, FILE),
	'a file of two segments': tool((t) => { t.result.content.path = '/a/b'; }, FILE),
	'a file with a query': tool((t) => { t.result.content.path = '/a?format=pdf'; }, FILE),
	'a file without a sentence for none': tool((t) => { delete t.result.content.none; }, FILE),
	'a file that needs what has no name': tool((t) => { t.result.content.needs = 'a.b'; }, FILE),
	'a file behind a list': tool((t) => { t.result.content = { path: '/content', none: 'None.' }; }),
	'a file beside which nobody wrote': tool((t) => { delete t.result.others; }, FILE),
	'an empty sentence for a 404': tool((t) => { t.notFound = ''; }),
};

/* Each wrong file, and the right one, with names of its own. */
const changed = Object.fromEntries(Object.entries(MISTAKES).map(([what, change]) => {
	const file = structuredClone(EVERYTHING);
	change(file);
	return [what, file];
}));

describe('the schema refuses', () => {
	for (const [what, file] of Object.entries(changed))
		test(what, () => assert.ok(!accepts(file)));
});

/* An editor may be stricter than the handler: these do no harm. */
const HARMLESS = ['no tools', 'larger that is no place', 'a keyword of another type', 'a choice of nothing'];

describe('the handler, beside the schema', () => {
	const folder = mkdtempSync(join(tmpdir(), 'definitions-'));
	after(() => rmSync(folder, { recursive: true }));
	const files = ['every form of the language', ...Object.keys(changed)];
	files.forEach((what, at) => {
		const file = structuredClone(changed[what] ?? EVERYTHING);
		if (changed[what]) /* a folder has no room for all of them */
			file.tools = file.tools.filter((tool, i) => i === 0 || !isDeepStrictEqual(tool, EVERYTHING.tools[i]));
		for (const tool of file.tools.filter(({ name }) => name !== 'shared'))
			tool.name &&= `${tool.name}_${at}`;
		writeFileSync(join(folder, `${at}.json`), JSON.stringify(file));
	});
	const handler = use(() => startAlone({ env: { GRAPH_TOOLS_DIR: folder, GRAPH_TOOLS: '*' } }));

	test('finds a mistake in each file that the schema refuses, and none in what uses every form', async () => {
		const { json } = await send(`${handler().url}/status`);
		const found = new Set(json.graphTools.problems.map(({ file }) => files[parseInt(file, 10)]));
		assert.deepEqual(files.filter((what) => !found.has(what)).sort(), ['every form of the language', ...HARMLESS].sort());
	});
});
