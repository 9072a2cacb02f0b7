/*
 * The gateway emulator: scopes and <base/>, the elements that change messages, expressions, and
 * what happens when something fails.  The policies are made for these tests.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { use } from '../stage/fixture.mjs';
import { escape, respond, show, startBoth } from '../stage/gateway_fixture.mjs';

const trail = (word) => `<set-header name="x-trail" exists-action="append"><value>${word}</value></set-header>`;
const variable = (name, code) => `<set-variable name="${name}" value='@(${escape(code)})' />`;

const errorBody = '@(context.LastError.Source + "|" + context.LastError.Reason + "|"'
	+ ' + context.LastError.Scope + "|" + context.LastError.Section + "|" + context.LastError.Path'
	+ ' + "|" + context.LastError.PolicyId + "|" + context.Response.StatusCode)';

const failing = (element) => ({ inbound: `<base />${element}`, onError: respond(418, errorBody) });

const operations = {
	plain: {},
	nested: { inbound: `${trail('operation-before')}<base />${trail('operation-after')}`,
		outbound: `<base />${trail('operation')}` },
	alone: { inbound: `${trail('operation')}<set-backend-service backend-id="double" />`, outbound: '' },
	early: { inbound: `<base />${respond(202, 'early')}` },
	late: { outbound: `${respond(203, 'late')}${trail('never')}` },
	choose: { inbound: `<base /><choose>
		<when condition='@(context.Request.Url.Query.ContainsKey("a"))'>${respond(200, 'a')}</when>
		<when condition='@(context.Request.Url.Query.GetValueOrDefault("b", "no") != "no")'>${respond(200, 'b')}</when>
		<otherwise>${respond(200, 'otherwise')}</otherwise></choose>` },
	headers: { inbound: `<base />
		<set-header name="x-over"><value>new</value></set-header>
		<set-header name="x-skip" exists-action="skip"><value>new</value></set-header>
		<set-header name="x-append" exists-action="append"><value>new</value></set-header>
		<set-header name="x-delete" exists-action="delete" />
		<set-header name="x-two"><value>one</value><value>@("tw" + "o")</value></set-header>
		<set-header name='@("x-" + "made")'><value>yes</value></set-header>
		<set-header name='@("Content-" + "Length")'><value>3</value></set-header>` },
	responses: { outbound: `<base />
		<set-header name="Set-Cookie"><value>a=1</value><value>b=2</value></set-header>
		<set-header name="x-two"><value>one</value><value>two</value></set-header>
		<set-header name="x-powered-by" exists-action="delete" />` },
	query: { inbound: `<base />
		<set-query-parameter name="code" exists-action="delete" />
		<set-query-parameter name="keep" exists-action="skip"><value>no</value></set-query-parameter>
		<set-query-parameter name="new"><value>a b&amp;c</value></set-query-parameter>` },
	rewrite: { template: '/rewrite/{id}', inbound: '<base /><rewrite-uri template="/other/{id}?fixed=1" />' },
	body: { method: 'POST', inbound: `<base /><set-body>@{
		var text = context.Request.Body.As&lt;string&gt;(preserveContent: true);
		return text.ToUpperInvariant() + context.Request.Body.As&lt;string&gt;().Length;
	}</set-body>` },
	consumed: { method: 'POST', inbound: `<base />${variable('x', 'context.Request.Body.As<string>()')}` },
	twice: { method: 'POST', ...failing(variable('x', 'context.Request.Body.As<string>()')
		+ variable('y', 'context.Request.Body.As<string>()')) },
	bodiless: failing('<set-body>new</set-body>'),
	absent: failing(variable('x', 'context.Variables["absent"]')),
	mistyped: failing(variable('x', '1') + variable('y', 'context.Variables.GetValueOrDefault<string>("x", "")')),
	unstorable: failing(variable('x', 'new string[0]')),
	'no-response-yet': failing(variable('x', 'context.Response.StatusCode')),
	thrown: failing(`<choose><when condition="false" /><when condition="true">
		<set-variable id="the-one" name="x" value='@((string)null + ((string)null).Length)' /></when></choose>`),
	'bad-json': { method: 'POST', ...failing(variable('x', 'context.Request.Body.As<JObject>()')) },
	unhandled: { ...failing(variable('x', 'context.Variables["absent"]')), onError: '' },
	'fails-again': failing(variable('x', 'context.Variables["absent"]')),
	header: failing('<check-header name="x-need" failed-check-httpcode="412" '
		+ 'failed-check-error-message="no" ignore-case="true"><value>Yes</value></check-header>'),
	'header-bare': { inbound: '<check-header name="x-need" failed-check-httpcode="412" '
		+ 'failed-check-error-message="You need it." ignore-case="true" />', onError: '' },
	changed: { outbound: variable('x', 'context.Variables["absent"]'),
		onError: '<set-status code="420" reason="Changed" /><set-header name="x-error"><value>'
			+ '@(context.LastError.Section)</value></set-header>' },
	included: { inbound: `<base /><include-fragment fragment-id="hello" />${show('(string)context.Variables["hello"]')}` },
	'include-fails': failing('<include-fragment fragment-id="broken" />'),
	named: { inbound: `<base />${show('"{{GREETING}}" + "{{SECRET_WORD}}"')}` },
	described: { method: 'GET', template: '/described/{name}', inbound: `<base />${show(
		'context.Api.Id + "," + context.Operation.Id + "," + context.Operation.Method + ","'
		+ ' + context.Operation.UrlTemplate + "," + context.Request.MatchedParameters["name"] + ","'
		+ ' + context.Request.Url.Path + "," + context.Request.OriginalUrl.Path + "," + context.Request.IpAddress'
		+ ' + "," + (context.RequestId != Guid.Empty) + "," + context.Request.Url.QueryString')}` },
	language: { inbound: `<base /><set-body>unused</set-body>`, method: 'PUT', backend: respond(200, escape(`@{
		var pair = new { Name = "n", Size = 2 };
		int number;
		object thing = "text";
		var parsed = int.TryParse("7", out number) ? number : throw new Exception("no");
		var seen = thing is string s ? s.Length : 0;
		var list = new List<int> { 3, 1, 2 }.OrderBy(x => x).Select(x => x * 2);
		var json = new JObject(new JProperty("l", new JArray(list)));
		string none = null;
		return $"{pair.Name}{pair.Size} {parsed} {seen} {none?.Length ?? 9} "
			+ json.ToString(Newtonsoft.Json.Formatting.None) + " " + System.Net.WebUtility.UrlEncode("a&b");
	}`)) },
	tracing: { inbound: `<base /><trace source="test" severity="verbose"><message>@("hel" + "lo")</message>
		<metadata name="n" value="v" /></trace>${respond(200)}` },
};
operations['fails-again'].onError = variable('y', 'context.Variables["absent"]');

const gateway = use(() => startBoth({ path: 'v1', operations,
	global: { inbound: trail('global'), backend: '<forward-request timeout="5" />', outbound: trail('global'),
		onError: '<set-header name="x-global-error"><value>@(context.LastError.Reason)</value></set-header>' },
	api: { inbound: `${trail('api')}<base /><set-backend-service backend-id="double" />`,
		outbound: `<base />${trail('api')}` },
	fragments: { hello: '<set-variable name="hello" value="hello" />',
		broken: '<set-variable name="x" value=\'@(context.Variables["absent"])\' />' },
	values: [{ name: 'GREETING', value: 'hi ' }, { name: 'SECRET_WORD', secret: true }],
	args: ['--secret', 'SECRET_WORD=env:WORD'], env: { WORD: 'there' } }));

const ask = (path, request) => gateway().ask(`/v1${path}`, request);

describe('scopes', () => {
	test('<base/> runs the outer section where it stands, from the global scope inwards', async () => {
		const answer = await ask('/nested');
		assert.equal(answer.json.headers['x-trail'], 'operation-before,api,global,operation-after');
		assert.equal(answer.headers['x-trail'], 'global,api,operation');
	});
	test('without <base/> nothing of the outer scopes runs', async () => {
		const answer = await ask('/alone');
		assert.equal(answer.json.headers['x-trail'], 'operation');
		assert.equal(answer.headers['x-trail'], undefined);
	});
	test('return-response ends the pipeline and skips outbound', async () => {
		const before = gateway().backend.requests.length;
		const answer = await ask('/early');
		assert.deepEqual([answer.status, answer.text, answer.headers['x-trail']], [202, 'early', undefined]);
		assert.equal(gateway().backend.requests.length, before);
	});
	test('return-response in outbound drops the backend\'s answer and the rest', async () => {
		const answer = await ask('/late');
		assert.deepEqual([answer.status, answer.text, answer.headers['x-trail']], [203, 'late', undefined]);
	});
	test('what no operation matches is 404 with only the global on-error', async () => {
		for (const path of ['/v1/nowhere', '/elsewhere', '/v1/plain/']) {
			const answer = await gateway().ask(path);
			assert.deepEqual([answer.status, answer.headers['x-global-error'], answer.text],
				[404, 'OperationNotFound', '']);
		}
		assert.equal((await ask('/plain', { method: 'POST' })).status, 404);
	});
	test('dots in a path are resolved before an operation is looked for', async () => {
		assert.equal((await ask('/early/%2e%2e/plain')).json.url, '/plain');
		assert.equal((await ask('/../../v1/PLAIN')).status, 200);
	});
	test('a fragment runs where it is included', async () => {
		assert.equal((await ask('/included')).text, 'hello');
	});
	test('named values are replaced before the XML is read', async () => {
		assert.equal((await ask('/named')).text, 'hi there');
	});
});

describe('elements', () => {
	test('choose takes the first condition that holds, else otherwise', async () => {
		assert.equal((await ask('/choose?b=1&a=1')).text, 'a');
		assert.equal((await ask('/choose?b=1')).text, 'b');
		assert.equal((await ask('/choose')).text, 'otherwise');
	});
	test('set-header overrides, skips, appends and deletes, names in any case', async () => {
		const headers = { 'X-Over': 'old', 'X-Skip': 'old', 'X-Append': 'old', 'X-Delete': 'old' };
		const sent = (await ask('/headers', { headers })).json.headers;
		assert.deepEqual([sent['x-over'], sent['x-skip'], sent['x-append'], sent['x-delete'], sent['x-made']],
			['new', 'old', 'old,new', undefined, 'yes']);
	});
	test('several values of a header are joined with a comma', async () => {
		assert.equal((await ask('/headers')).json.headers['x-two'], 'one,two');
		assert.equal((await ask('/responses')).headers['x-two'], 'one,two');
	});
	test('several cookies are several headers', async () => {
		assert.deepEqual((await ask('/responses')).headers['set-cookie'], ['a=1', 'b=2']);
	});
	test('Content-Length cannot be changed', async () => {
		assert.equal((await ask('/headers')).json.headers['content-length'], undefined);
	});
	test('a header of the backend\'s answer can be deleted', async () => {
		gateway().backend.order((_, response) => response.setHeader('X-Powered-By', 'x').end());
		assert.equal((await ask('/responses')).headers['x-powered-by'], undefined);
	});
	test('set-query-parameter deletes, skips and sets, and encodes', async () => {
		assert.equal((await ask('/query?code=1&keep=yes&CODE=2')).json.url, '/query?keep=yes&new=a+b%26c');
	});
	test('rewrite-uri takes the template\'s parameters and keeps the query', async () => {
		assert.equal((await ask('/rewrite/a%20b?more=2')).json.url, '/other/a%20b?fixed=1&more=2');
	});
	test('set-body replaces the body and its length', async () => {
		const answer = await ask('/body', { method: 'POST', body: 'grüße' });
		assert.equal(answer.json.body, 'GRÜßE5');
	});
	test('a body used up by an expression does not reach the backend', async () => {
		const answer = await ask('/consumed', { method: 'POST', body: 'text' });
		assert.equal(answer.json.body, '');
	});
	test('trace is kept for the tests to see', async () => {
		await ask('/tracing');
		assert.ok((await gateway().seen()).trace.includes('test: hello'));
	});
	test('context tells of API, operation, parameters and request', async () => {
		assert.equal((await ask('/described/A%2Fb?q=1')).text, 'main,described,GET,/described/{name},A/b,'
			+ '/described/A%2Fb,/v1/described/A%2Fb,127.0.0.1,True,?q=1');
	});
	test('expressions are C# 7 with Newtonsoft\'s JSON', async () => {
		const answer = await ask('/language', { method: 'PUT', body: 'x' });
		assert.equal(answer.text, 'n2 7 4 9 {"l":[2,4,6]} a%26b');
	});
});

describe('failures', () => {
	const expression = (path, element = 'set-variable', where = `${element}[1]`) => async () => {
		const request = { method: operations[path].method ?? 'GET' };
		if (request.method === 'POST')
			request.body = 'not json';
		const answer = await ask(`/${path}`, request);
		assert.equal(answer.status, 418);
		assert.equal(answer.text,
			`${element}|ExpressionValueEvaluationFailure|operation|inbound|${where}||500`);
	};
	test('a variable that is not there', expression('absent'));
	test('a variable of another type', expression('mistyped', 'set-variable', 'set-variable[2]'));
	test('a value no variable can hold', expression('unstorable'));
	test('a body read twice', expression('twice', 'set-variable', 'set-variable[2]'));
	test('a body that is no JSON', expression('bad-json'));
	test('set-body without a body', expression('bodiless', 'set-body'));
	test('context.Response before there is one', expression('no-response-yet'));
	test('an expression in a fragment', expression('include-fails', 'set-variable',
		'include-fragment[1]/set-variable[1]'));
	test('LastError tells element, path and id', async () => {
		assert.equal((await ask('/thrown')).text, 'set-variable|ExpressionValueEvaluationFailure|operation|'
			+ 'inbound|choose[1]/when[2]/set-variable[1]|the-one|500');
	});
	test('without on-error a failing expression is a bare 500', async () => {
		const answer = await ask('/unhandled');
		assert.equal(answer.status, 500);
		const { activityId, ...rest } = answer.json;
		assert.deepEqual(rest, { statusCode: 500, message: 'Internal server error' });
		assert.ok(activityId);
	});
	test('a failure inside on-error is a bare 500', async () => {
		assert.equal((await ask('/fails-again')).json.message, 'Internal server error');
	});
	test('on-error can change the response instead of replacing it', async () => {
		const answer = await ask('/changed');
		assert.deepEqual([answer.status, answer.headers['x-error']], [420, 'outbound']);
	});
	test('check-header: missing, wrong, and right in any case', async () => {
		const told = async (value) => (await ask('/header', { headers: value ? { 'X-Need': value } : {} }));
		assert.match((await told()).text, /^check-header\|HeaderNotFound\|.*\|412$/);
		assert.match((await told('no')).text, /^check-header\|HeaderValueNotAllowed\|.*\|412$/);
		assert.equal((await told('yes')).status, 200);
	});
	test('without on-error the policy\'s own status and message go out', async () => {
		const answer = await ask('/header-bare');
		assert.deepEqual([answer.status, answer.json], [412, { statusCode: 412, message: 'You need it.' }]);
	});
});
