/*
 * The policy linter: every rule with an example that breaks it and nothing else, and what it says.
 */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { runGateway, writeFolder } from '../stage/gateway_fixture.mjs';

const NOSNIFF = '<set-header name="X-Content-Type-Options"><value>nosniff</value></set-header>';
const NO_STORE = '<set-header name="cache-control" exists-action="override"><value>no-store</value></set-header>';
const JSON_TYPE = '<set-header name="Content-Type"><value>application/json</value></set-header>';

const answer = (status, headers, body = '') =>
	`<return-response><set-status code="${status}" />${headers}${body}</return-response>`;

const cors = (rest = '', attributes = 'terminate-unmatched-request="false"', origin = 'https://a.example') =>
	`<cors ${attributes}><allowed-origins><origin>${origin}</origin></allowed-origins>${rest}</cors>`;
const HEADERS = '<allowed-headers><header>*</header></allowed-headers>';

const lookup = (name) => `<cache-lookup-value key="${name}" variable-name="${name}" caching-type="internal" />`;
const store = '<cache-store-value key="k" value="v" duration="1" caching-type="internal" />';
const token = (inside, attributes = '') =>
	`<validate-azure-ad-token tenant-id="{{TENANT}}" ${attributes}>${inside}</validate-azure-ad-token>`;
const AUDIENCES = '<audiences><audience>a</audience></audiences>';
const set = (code) => `<set-variable name="v" value='@(${code})' />`;
const send = (inside, attributes = 'mode="new" timeout="5"') =>
	`<send-request response-variable-name="r" ${attributes}>${inside}</send-request>`;
const many = (count) => Array.from({ length: count }, (_, i) => `<set-variable name="v${i}" value="${'x'.repeat(100)}" />`).join('');

/* name: {a section's content, says: one line or several, "LINE: element: text"; or xml as a whole}. */
const STRUCTURE = {
	'an element that does not exist': { inbound: '<set-heder name="x" />',
		says: '3: <set-heder>: is no policy element: mend the name' },
	'an element that exists in Azure only': { inbound: '<mock-response status-code="200" />',
		says: '3: <mock-response>: exists in API Management, but this emulator does not model it: do without, or teach it' },
	'an unknown element deep inside': {
		inbound: '<choose><when condition="true">\n<retry condition="false" count="1" interval="1">\n<wait /></retry></when></choose>',
		says: '5: <wait>: exists in API Management, but this emulator does not model it: do without, or teach it' },
	'a part where only a policy may stand': { inbound: '<value>x</value>',
		says: '3: <value>: is not a policy: it only stands inside another element' },
	'an unknown attribute': { inbound: '<set-method verb="x">GET</set-method>',
		says: '3: <set-method>: has no attribute "verb" (or this emulator does not model it); there are: none' },
	'an unknown attribute in otherwise': {
		inbound: '<choose><when condition="true" /><otherwise><set-variable name="v" value="1" typ="x" /></otherwise></choose>',
		says: '3: <set-variable>: has no attribute "typ" (or this emulator does not model it); there are: name value' },
	'a missing attribute': { inbound: '<set-variable name="v" />', says: '3: <set-variable>: needs the attribute "value"' },
	'a word that is none of the allowed': { inbound: '<set-header name="x" exists-action="replace"><value>1</value></set-header>',
		says: '3: <set-header>: "exists-action" is "replace" and must be one of: override skip append delete (others may exist, but are not modelled)' },
	'a number that is none': { inbound: '<rate-limit-by-key calls="ten" renewal-period="60" counter-key="k" />',
		says: '3: <rate-limit-by-key>: "calls" is "ten" and must be a whole number' },
	'a condition that is neither true nor false': { inbound: '<choose><when condition="yes" /></choose>',
		says: '3: <when>: "condition" must be true, false or an expression' },
	'an expression where none may stand': { inbound: '<set-variable name=\'@("v")\' value="1" />',
		says: '3: <set-variable>: "name" may not hold an expression' },
	'an expression as a list\'s item': {
		inbound: token(`<client-application-ids><application-id>@("a")</application-id></client-application-ids>`),
		says: '3: <application-id>: may not hold an expression' },
	'an expression inside a text': { inbound: '<set-header name="x"><value>Bearer @(context.RequestId)</value></set-header>',
		says: '3: <value>: "@(" inside a text is not evaluated: make the whole value one expression' },
	'a policy in the wrong section': { outbound: '<base /><set-method>GET</set-method>',
		says: '9: <set-method>: may not stand in <outbound>, only in inbound, on-error' },
	'a policy in the wrong section, inside choose': {
		outbound: `<base />\n<choose><when condition="true">${token(AUDIENCES)}</when></choose>`,
		says: '10: <validate-azure-ad-token>: may not stand in <outbound>, only in inbound' },
	'an unknown section': { xml: '<policies>\n<inbound /><backend><base /></backend>\n<outbund /><outbound /><on-error /></policies>',
		says: '3: <outbund>: is no section: there are inbound, backend, outbound, on-error' },
	'sections out of order': { xml: '<policies>\n<inbound /><outbound />\n<backend><base /></backend><on-error /></policies>',
		says: '3: <backend>: stands twice or out of order: write inbound, backend, outbound, on-error' },
	'another root': { xml: '<policy>\n<inbound /><backend /><outbound /><on-error /></policy>',
		says: ['1: <policy>: the root must be <policies>'] },
	'an attribute of a section': { xml: '<policies><inbound x="1" /><backend><base /></backend><outbound /><on-error /></policies>',
		says: '1: <inbound>: takes no attribute "x"' },
	'stray text': { inbound: '<base />\nhello', says: '3: <inbound>: holds stray text: "hello"' },
	'an element in a text': { inbound: '<set-header name="x"><value>a<b /></value></set-header>',
		says: '3: <value>: holds text only: take <b> out' },
	'two base': { inbound: '<base /><base />', says: '3: <base>: stands twice in a section: the outer policies would run twice' },
	'base inside choose': { inbound: '<choose><when condition="true"><base /></when></choose>',
		says: '3: <base>: must be a direct child of a section' },
	'no element in backend': { backend: '', says: '5: <backend>: holds 0 elements and must hold exactly one' },
	'two elements in backend': { backend: '<base /><set-variable name="a" value="b" />',
		says: '5: <backend>: holds 2 elements and must hold exactly one' },
	'a backend that sends nothing': { backend: '<choose><when condition="true"><set-variable name="a" value="b" /></when></choose>',
		says: '5: <backend>: never reaches <forward-request> or <base>: nothing would be sent to the backend' },
	'cors that is not first': { inbound: `<base />${cors(HEADERS)}`,
		says: '3: <cors>: must be the first element of inbound, so that a preflight meets nothing else' },
	'cors twice': { inbound: `${cors(HEADERS)}\n${cors(HEADERS)}<base />`, says: '4: <cors>: stands twice in a section: only one may' },
	'cors inside choose': { inbound: `<choose><when condition="true">${cors(HEADERS)}</when></choose>`,
		says: '3: <cors>: must be a direct child of <inbound>, or preflights do not find it' },
	'a missing child': { inbound: cors(), says: '3: <cors>: needs <allowed-headers>' },
	'children out of order': { inbound: cors(`${HEADERS}<allowed-methods><method>GET</method></allowed-methods>`),
		says: '3: <allowed-methods>: stands out of order: <cors> holds allowed-origins, allowed-methods, allowed-headers, expose-headers' },
	'children out of order in return-response': { inbound: `<return-response>${NOSNIFF}${NO_STORE}<set-status code="200" /></return-response>`,
		says: '3: <set-status>: stands out of order: <return-response> holds set-status, set-header, set-body' },
	'claims before audiences': { inbound: token(`<required-claims><claim name="a"><value>b</value></claim></required-claims>${AUDIENCES}`),
		says: '3: <audiences>: stands out of order: <validate-azure-ad-token> holds backend-application-ids, client-application-ids, audiences, required-claims' },
	'a child twice': { inbound: `<return-response><set-status code="200" /><set-status code="201" />${NOSNIFF}${NO_STORE}</return-response>`,
		says: '3: <set-status>: stands twice: only one may' },
	'a child that is not modelled': { inbound: send('<set-url>http://a.example</set-url><proxy url="x" />'),
		says: '3: <proxy>: may not stand in <send-request>, which holds set-url, set-method, set-header, set-body, authentication-managed-identity (in this emulator)' },
	'a child that is none': { inbound: '<trace source="s"><message>m</message><note /></trace>',
		says: '3: <note>: may not stand in <trace>, which holds message, metadata' },
	'a header that cannot be changed': { inbound: '<set-header name="Content-Length"><value>1</value></set-header>',
		says: '3: <set-header>: API Management does not let a policy change content-length' },
	'a header that cannot be deleted': { outbound: '<set-header name="Server" exists-action="delete" />',
		says: '9: <set-header>: API Management does not let a policy delete Server' },
	'a deletion with a value': { inbound: '<set-header name="x" exists-action="delete"><value>1</value></set-header>',
		says: '3: <set-header>: deletes and so takes no <value>' },
	'a setting without a value': { inbound: '<set-query-parameter name="x" />', says: '3: <set-query-parameter>: needs a <value>' },
	'two backends': { inbound: '<set-backend-service backend-id="a" base-url="http://a.example" />',
		says: '3: <set-backend-service>: needs either "backend-id" or "base-url"' },
	'a window above five minutes': { inbound: '<rate-limit-by-key calls="1" renewal-period="301" counter-key="k" />',
		says: '3: <rate-limit-by-key>: "renewal-period" is 1 to 300 seconds' },
	'too many retries': { backend: '<retry condition="false" count="51" interval="1"><forward-request timeout="1" /></retry>',
		says: '6: <retry>: "count" is 1 to 50' },
	'a token from two places': { inbound: token(AUDIENCES, 'header-name="a" query-parameter-name="b"'),
		says: '3: <validate-azure-ad-token>: takes the token from one place: header-name, query-parameter-name or token-value' },
	'a token for anybody': { inbound: token(''),
		says: '3: <validate-azure-ad-token>: needs <client-application-ids> or <audiences>' },
	'a fragment that is not there': { inbound: '<include-fragment fragment-id="nothing" />',
		says: '3: <include-fragment>: there is no fragments/nothing.xml: add it, or mend the id' },
	'a fragment in a section its policies may not stand in': { outbound: '<include-fragment fragment-id="inbound-only" />',
		says: '9: <include-fragment>: the fragment holds <rewrite-uri>, which may not stand in <outbound>' },
	'a named value that is not there': { inbound: '<set-variable name="a" value="{{NOBODY}}" />',
		says: '3: {{NOBODY}}: no such named value: declare it in named-values.json, or mend the name' },
	'XML that is not well-formed': { inbound: '<set-variable name="a" value="b & c" />',
		says: /^3: xml: is not well-formed: .*write &lt; and &amp;/ },
	'a type that is not allowed': { inbound: set('System.IO.File.ReadAllText("/etc/passwd")'),
		says: '3: <set-variable>: the expression uses System.IO.File, which API Management does not allow' },
	'a member that is not allowed': { inbound: set('System.Text.RegularExpressions.Regex.Escape("x")'),
		says: '3: <set-variable>: the expression uses System.Text.RegularExpressions.Regex.Escape, which API Management does not allow' },
	'reflection': { inbound: set('"x".GetType().Name'), says: ['3: <set-variable>: the expression uses System.Object.GetType, which API Management does not allow',
		'3: <set-variable>: the expression uses System.Reflection.MemberInfo, which API Management does not allow'] },
	'a type that is not allowed, in each place that says the same': { inbound: `${set('new Uri("a:b").Host + System.IO.Path.PathSeparator')}\n\n${
		set('new Uri("a:b").Host + System.IO.Path.PathSeparator')}`, says: [3, 5].map((line) => `${line}: <set-variable>: the expression uses System.IO.Path, which API Management does not allow`) },
	'a type that is not allowed, in a lambda': { inbound: set('new[] { "a" }.Select(x => System.Environment.GetEnvironmentVariable(x)).First()'),
		says: '3: <set-variable>: the expression uses System.Environment, which API Management does not allow' },
};

const HOUSE = {
	'an answer that may be sniffed': { inbound: answer(200, NO_STORE),
		says: '3: <return-response>: answers without X-Content-Type-Options: every answer of the gateway has it' },
	'an answer that says nothing of caching': { inbound: answer(200, NOSNIFF),
		says: '3: <return-response>: answers without Cache-Control: every answer of the gateway has it' },
	'nosniff with another value': { inbound: answer(200, NO_STORE + NOSNIFF.replace('nosniff', 'sniff')),
		says: '3: <set-header>: X-Content-Type-Options must be nosniff' },
	'a body without a type': { inbound: answer(200, NOSNIFF + NO_STORE, '<set-body>x</set-body>'),
		says: '3: <return-response>: has a body but no Content-Type' },
	'401 without a challenge': { inbound: answer(401, NOSNIFF + NO_STORE), says: '3: <return-response>: answers 401 without WWW-Authenticate' },
	'429 that does not say when': { inbound: answer(429, NOSNIFF + NO_STORE), says: '3: <return-response>: answers 429 without Retry-After' },
	'braces in a literal body': { inbound: answer(200, NOSNIFF + NO_STORE + JSON_TYPE, '<set-body>{"a":{"b":1}}</set-body>'),
		says: '3: <set-body>: holds "}}", which is taken for the end of a named value: write "} }"' },
	'braces that open like a named value': { inbound: set('(new int[,] {{ 1 } }).Length'),
		says: '3: {{: is taken for a named value: write a space between braces, or mend the name' },
	'a missing section': { onError: null,
		says: '1: <policies>: has no <on-error>: without it and its <base/> no outer policy runs there' },
	'two lookups in a section': { inbound: `${lookup('a')}\n${lookup('b')}`,
		says: '4: <cache-lookup-value>: <cache-lookup-value> stands twice in <inbound>: once is documented to work' },
	'two stores in a section, one from a fragment': { inbound: `<base />\n${store}<include-fragment fragment-id="storing" />`,
		says: '2: <inbound>: <cache-store-value> stands twice in <inbound>: once is documented to work' },
	'a cache that may be outside': { inbound: '<cache-remove-value key="k" />',
		says: '3: <cache-remove-value>: must say caching-type="internal": else values may leave the gateway' },
	'cors that leaves a doubtful default': { inbound: cors(HEADERS, ''),
		says: '3: <cors>: needs "terminate-unmatched-request" written out: its default is documented twice' },
	'credentials from everywhere': { inbound: cors(HEADERS, 'allow-credentials="true" terminate-unmatched-request="true"', '*'),
		says: '3: <cors>: lets every origin send credentials: name the origins' },
	'a request that carries Authorization along': { inbound: send('<set-url>http://a.example</set-url>', 'mode="copy" timeout="5"'),
		says: '3: <send-request>: must say mode="new": a copy carries the caller\'s Authorization along' },
	'a request without a limit': { inbound: send('<set-url>http://a.example</set-url>', 'mode="new"'),
		says: '3: <send-request>: needs a "timeout": the default of 60 s is longer than callers wait' },
	'forwarding without a limit': { backend: '<forward-request />', says: '6: <forward-request>: needs a "timeout"' },
	'forwarding for too long': { backend: '<forward-request timeout="300" />',
		says: '6: <forward-request>: "timeout" above 240 s: idle connections are cut earlier' },
	'scopes compared as one': { inbound: token(`${AUDIENCES}<required-claims><claim name="scp"><value>a</value></claim></required-claims>`),
		says: '3: <claim>: needs separator=" ": else all scopes together are compared with one' },
	'an error\'s inside for everybody': { onError: set('context.LastError.Message'),
		says: '12: <set-variable>: uses LastError.Message, which may tell callers what is inside: use Reason and a text of your own' },
	'a client secret': { inbound: '<set-variable name="form" value="client_secret=hunter2" />',
		says: '3: secret: client_secret stands here in clear: make it a secret named value and write {{NAME}}' },
	'a key': { inbound: '<!-- base -->\n<set-variable name="k" value="q8Q~xT4bV0nR7cZ1mK5pW9sL2dF6gH3jY" />',
		says: '4: secret: "q8Q~..." looks like a key or token: make it a secret named value and write {{NAME}}' },
	'a function key in clear': { inbound: '<set-header name="x-functions-key"><value>secret</value></set-header>',
		says: '3: <set-header>: gives x-functions-key a value in clear: make it a secret named value and write {{NAME}}' },
};

const SEMANTICS = {
	'a name nobody knows': { inbound: `<base />\n${set('contxt.RequestId')}`,
		says: /^4: <set-variable>: the expression does not compile: .*`contxt' does not exist.* \(CS0103\)$/ },
	'a mistake, in each place that makes it': { inbound: `${set('nobody')}\n\n${set('nobody')}`,
		says: [3, 5].map((line) => `${line}: <set-variable>: the expression does not compile: The name \`nobody' does not exist in the current context (CS0103)`) },
	'a member of context that is not modelled': { inbound: set('context.Subscription.Key'),
		says: /^3: <set-variable>: the expression does not compile: .*`Subscription'.* \(CS1061\)$/ },
	'a condition that is no bool': { inbound: '<choose><when condition="@(1)" /></choose>',
		says: /^3: <when>: the expression does not compile: Cannot implicitly convert type `int' to `bool' \(CS0029\)$/ },
	'a path without an end': { inbound: '<set-body>@{\n\n\tif (context.Tracing) { return "x"; }\n}</set-body>',
		says: /^3: <set-body>: the expression does not compile: .*not all code paths return a value \(CS0161\)$/ },
	'a mistake in the third line of a text': { inbound: '<set-body>@{\n\tvar a = 1;\n\treturn b;\n}</set-body>',
		says: /^5: <set-body>: the expression does not compile: .*`b' does not exist.* \(CS0103\)$/ },
	'a type that must be qualified': { inbound: set('WebUtility.UrlEncode("x")'), says: /^3: <set-variable>: .*`WebUtility' does not exist/ },
	'an emulator\'s inside': { inbound: set('new Gateway.Counters()'), says: /^3: <set-variable>: .*does not compile/ },
};

const SMUGGLED = { 'a method behind the expression': { inbound: set('1); } static object More() { return (2'),
	says: '3: <set-variable>: is more than one expression' } };

const SYNTAX = { 'a parenthesis too few': { inbound: set('Math.Max(1, 2'),
	says: /^3: <set-variable>: the expression does not compile: Unexpected symbol .* \(CS1525\)$/ } };

const CLEAN = {
	'the schemes of a good document': { inbound: `${cors(HEADERS)}<base />${set('context.Request.Headers.GetValueOrDefault("a", "")')}${
		lookup('a')}${store}${token(AUDIENCES)}`, outbound: `<base />${answer(200, NOSNIFF + NO_STORE + JSON_TYPE, '<set-body>{ }</set-body>')}` },
	'what may look like a secret and is none': { inbound: `<set-variable name="a"
		value='@("urn:ietf:params:oauth:grant-type:jwt-bearer" + "https://graph.microsoft.com/v1.0/me?$select=id"
		+ "client_secret=" + "{{SECRET}}" + "00000003-0000-0000-c000-000000000000"
		+ Convert.ToBase64String(System.Security.Cryptography.SHA256.Create().ComputeHash(Encoding.UTF8.GetBytes("x"))))' />` },
	'what allowed code compiles to': { inbound: set(`new[] { 3, 1 }.OrderBy(x => x).ToDictionary(x => x, x => x.ToString()).Keys.Sum()
		+ context.Request.Headers.Count(h => h.Key == "a") + new Dictionary<string, int> { { "a", 1 } }.Count
		+ (DateTime.UtcNow - new DateTime(2026, 1, 1)).TotalSeconds + new { A = 1 }.A`.replaceAll('<', '&lt;')) },
};

const FRAGMENTS = { 'inbound-only': '<choose><when condition="true"><rewrite-uri template="/" /></when></choose>', storing: store };
const values = [{ name: 'TENANT', value: 't' }, { name: 'SECRET', secret: true }];

/* What the linter says of such a folder. */
async function linted(folder) {
	const root = writeFolder(folder);
	const { code, out } = await runGateway(['lint', '--apim', root, '--placeholders']);
	rmSync(root, { recursive: true });
	const lines = out.trim().split('\n');
	return { code, summary: lines.pop(), lines };
}

/* Runs the linter over all examples of a table at once: {name: its lines, without the file}. */
async function lint(table) {
	const names = Object.keys(table);
	const operations = Object.fromEntries(names.map((name, i) => [`case${i}`, table[name]]));
	const { code, lines, summary } = await linted({ operations, values, fragments: FRAGMENTS });
	const of = (i) => lines.filter((line) => line.startsWith(`policies/operations/case${i}.xml:`))
		.map((line) => line.slice(line.indexOf('.xml:') + 5));
	const found = names.map((name, i) => [name, of(i)]);
	assert.equal(found.flatMap(([, some]) => some).length, lines.length, lines.join('\n'));
	return { code, summary, found: Object.fromEntries(found) };
}

function examples(title, table) {
	describe(title, () => {
		let result;
		before(async () => { result = await lint(table); });
		for (const [name, { says }] of Object.entries(table))
			test(name, () => {
				const found = result.found[name];
				if (says instanceof RegExp)
					assert.ok(found.length === 1 && says.test(found[0]), found.join('\n'));
				else
					assert.deepEqual(found, [says].flat());
			});
		test('any problem makes the exit status 1, and the last line counts them', () => {
			const count = Object.values(result.found).flat().length;
			assert.equal(result.code, 1);
			assert.match(result.summary, new RegExp(` ${count} problems$`));
		});
	});
}

examples('structure', STRUCTURE);
examples('house rules', HOUSE);
examples('expressions that do not compile', SEMANTICS);
examples('expressions that cannot be read', SYNTAX);
examples('expressions that are more than one', SMUGGLED);

test('what is right is not complained of', async () => {
	const { code, found } = await lint(CLEAN);
	assert.deepEqual(Object.values(found).flat(), []);
	assert.equal(code, 0);
});

/* What stands outside operations' policies. */
const OUTSIDE = {
	global: { inbound: '', backend: '<forward-request timeout="5" />', outbound: '' },
	fragments: { a: `<base />\n<include-fragment fragment-id="a" />${lookup('x')}`, large: many(300) },
	values: [{ name: 'S', secret: true, value: 'x' }, { name: 'a b', value: 'x' }],
	files: { 'policies/operations/lost.xml': '<policies><inbound /><backend><base /></backend><outbound /><on-error /></policies>' },
	apis: [{ id: 'b', path: 'b', policy: 'policies/b.xml' }],
};
const SAID = {
	'a fragment with a nested fragment, a base and a lookup': ['fragments/a.xml:2: <base>: may not stand in a fragment: write it where the fragment is included',
		'fragments/a.xml:3: <include-fragment>: may not stand in a fragment: write it where the fragment is included',
		'fragments/a.xml:3: <cache-lookup-value>: may not stand in a fragment: look up where the fragment is included'],
	'a fragment above 32 KB': ['fragments/large.xml:1: <fragment>: a fragment is at most 32 KB: split it'],
	'base in the global policy': ['policies/global.xml:12: <base>: has nothing to stand for in the global policy: delete it'],
	'a secret in clear': ['named-values.json:1: S: a secret stands in clear: give it when deploying, or by Key Vault'],
	'a name no named value can have': ["named-values.json:1: a b: a name is letters, digits, '.', '_' and '-'"],
	'a policy file that nobody names': ['policies/operations/lost.xml:1: policies: no API or operation of apis.json names this file as its policy'],
	'an operation whose policy is missing': ['apis.json:1: policy: there is no policies/b.xml'],
};

describe('folders', () => {
	let lines;
	before(async () => { ({ lines } = await linted(OUTSIDE)); });
	for (const [name, says] of Object.entries(SAID))
		test(name, () => assert.deepEqual(lines.filter((line) => says.includes(line)), says));
	test('nothing else', () => assert.deepEqual(lines.toSorted(), Object.values(SAID).flat().toSorted()));
	test('two APIs at one path', async () => {
		const twice = await linted({ apis: [{ id: 'b', path: '' }] });
		assert.deepEqual(twice.lines, ['apis.json:1: json: is not as agreed: two APIs have the path ""']);
	});
});
