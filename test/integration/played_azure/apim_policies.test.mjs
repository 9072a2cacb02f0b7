/*
 * Policy documents in a played API Management: in which format what is taken, what is refused, in whose words, and
 * how it is given back.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { fault, playedInstance, refused } from '../stage/apim_stage.mjs';

const document = (inbound) => `<policies>\n\t<inbound>\n\t\t<base />\n\t\t${inbound}\n\t</inbound>\n\t<backend><base /></backend>\n\t<outbound><base /></outbound>\n\t<on-error><base /></on-error>\n</policies>`;
const when = (code, quote = '"') => document(`<choose>\n\t\t\t<when condition=${quote}@(${code})${quote}><set-method>GET</set-method></when>\n\t\t</choose>`);
const AT = 'apis/a/policies/policy';

async function stage(t, options) {
	const it = await playedInstance(t, options);
	await it.put('apis/a', { displayName: 'A', path: 'a', protocols: ['https'] });
	const send = (value, format = 'xml') => it.part('PUT', AT, { format, value });
	const shown = async (format) => (await it.part('GET', AT, undefined, format ? `&format=${format}` : '')).body.properties.value;
	return { ...it, send, shown };
}

suite('format xml', () => {
	test('its C# is escaped like any text of XML, and is given back so', async (t) => {
		const { send, shown } = await stage(t);
		const { status, body } = await send(when('context.Variables.GetValueOrDefault&lt;string>(&quot;a&quot;, &quot;&quot;) == &quot;&amp;&quot;'));
		assert.deepEqual([status, body.properties.format], [201, 'xml']);
		assert.match(await shown(), /condition="@\(context\.Variables\.GetValueOrDefault&lt;string&gt;\(&quot;a&quot;, &quot;&quot;\) == &quot;&amp;&quot;\)"/);
		assert.match(await shown('rawxml'), /condition="@\(context\.Variables\.GetValueOrDefault<string>\("a", ""\) == "&"\)"/);
	});

	test('C# as it is written elsewhere is not well-formed', async (t) => {
		const { send } = await stage(t);
		assert.match(fault(await send(when('context.Variables.GetValueOrDefault<string>("a") == ""', "'"))), /^representation: '<'.* Line 5, position 58\.$/);
	});

	test('what was escaped twice does not compile', async (t) => {
		const { send } = await stage(t);
		assert.match(fault(await send(when('context.Variables.GetValueOrDefault&amp;lt;string&amp;gt;(&quot;a&quot;) == null'))), /^choose: Error in element 'choose' on line 4, column 4: /);
	});

	test('a line end in an attribute becomes a blank, so that what follows // is lost', async (t) => {
		const { send, shown } = await stage(t);
		assert.equal((await send(when('1 == 1\n\t\t\t&amp;&amp; 2 == 2'))).status, 201);
		assert.match(await shown(), /condition="@\(1 == 1 {4}&amp;&amp; 2 == 2\)"/);
		assert.match(fault(await send(when('1 == 1 // always\n'))), /^choose: /);
	});
});

suite('format rawxml', () => {
	test('an expression stands as it is, quotes and brackets of strings too, and keeps its lines', async (t) => {
		const { send, shown } = await stage(t);
		const code = 'context.Variables.GetValueOrDefault<string>("a", ")") == @"""" // why\n\t\t\t\t|| \'"\' == \'<\' /* ) */ && true';
		assert.equal((await send(when(code), 'rawxml')).status, 201);
		assert.ok((await shown('rawxml')).replaceAll('\r\n', '\n').includes(`"@(${code})"`), await shown('rawxml'));
	});

	test('an expression that is an element\'s text stands as it is too', async (t) => {
		const { send, shown } = await stage(t);
		const code = '@{ var list = new List<string>(); return "</set-body>" + list.Count; }';
		assert.equal((await send(document(`<set-body>${code}</set-body>`), 'rawxml')).status, 201);
		assert.ok((await shown('rawxml')).includes(`<set-body>${code}</set-body>`));
		assert.ok((await shown('xml')).includes('new List&lt;string&gt;(); return "&lt;/set-body&gt;"'));
	});

	test('what is escaped in it stays escaped and does not compile', async (t) => {
		const { send } = await stage(t);
		assert.match(fault(await send(when('context.Variables.GetValueOrDefault&lt;string&gt;("a") == ""'), 'rawxml')), /^choose: /);
	});

	test('texts that are no expressions are XML in it', async (t) => {
		const { send, shown } = await stage(t);
		assert.equal((await send(document('<set-header name="a"><value>1 &lt; 2</value></set-header>'), 'rawxml')).status, 201);
		assert.match(await shown('rawxml'), /<value>1 &lt; 2<\/value>/);
	});
});

test('a document is indented anew and keeps its comments, so that only a hash in one tells that it is the same', async (t) => {
	const { send, shown, part } = await stage(t);
	const value = `<!-- What it is for. -->\n<policies>\n\t<!-- sha256:${'a'.repeat(64)} -->\n\t<inbound><base/></inbound></policies>`;
	await send(value);
	assert.equal(await shown(), `<!-- What it is for. -->\r\n<policies>\r\n  <!-- sha256:${'a'.repeat(64)} -->\r\n  <inbound>\r\n    <base />\r\n  </inbound>\r\n</policies>`);
	assert.equal((await send(await shown())).status, 200);
	refused(await part('GET', AT, undefined, '&format=yaml'), 400, 'ValidationError');
});

suite('what a policy names must be there', () => {
	const NAMED = { 'a named value': ['<set-header name="a"><value>{{absent}}</value></set-header>', "set-header: Error in element 'set-header' on line 4, column 4: Cannot find a property 'absent'"],
		'a named value in C#': ['<set-variable name="a" value="@(&quot;{{absent}}&quot;)" />', "set-variable: Error in element 'set-variable' on line 4, column 4: Cannot find a property 'absent'"],
		'a fragment': ['<include-fragment fragment-id="absent" />', "include-fragment: Error in element 'include-fragment' on line 4, column 4: Policy fragment with id 'absent' could not be found."],
		'a backend': ['<set-backend-service backend-id="absent" />', "set-backend-service: Error in element 'set-backend-service' on line 4, column 4: Backend with id 'absent' could not be found."] };
	for (const [what, [inbound, words]] of Object.entries(NAMED)) {
		test(what, async (t) => {
			const { send } = await stage(t);
			assert.equal(fault(await send(document(inbound))), words);
		});
	}

	test('and cannot be deleted while it is named', async (t) => {
		const { send, put, part } = await stage(t);
		await put('namedValues/v', { displayName: 'value', value: '1' });
		await put('backends/b', { url: 'https://b.example', protocol: 'http' });
		await put('policyFragments/f', { format: 'xml', value: '<fragment><set-header name="a"><value>{{value}}</value></set-header></fragment>' });
		assert.equal((await send(document('<set-backend-service backend-id="b" /><include-fragment fragment-id="f" />'))).status, 201);
		for (const one of ['namedValues/v', 'backends/b', 'policyFragments/f']) refused(await part('DELETE', one), 400, 'ValidationError');
		assert.equal((await part('DELETE', AT)).status, 200);
		for (const one of ['policyFragments/f', 'namedValues/v', 'backends/b']) assert.equal((await part('DELETE', one)).status, 200, one);
	});
});

test('what the gateway cannot run is refused at its place, and what was there stays', async (t) => {
	const { send, shown } = await stage(t);
	await send(document(''));
	const before = await shown();
	assert.match(fault(await send(document('<set-heder name="a" />'))), /^set-heder: Error in element 'set-heder' on line 4, column 4: is no policy element/);
	assert.match(fault(await send(document('<choose><when condition="true"><set-variable name="a" value="@(1 +)" /></when></choose>'))), /^choose: .*does not compile/);
	assert.match(fault(await send('<policies><inbound></policies>')), /^representation: The 'inbound' start tag on line 1 does not match the end tag of 'policies'\. Line 1, position 22\.$/);
	assert.match(fault(await send('<!DOCTYPE a><policies />')), /^representation: /);
	assert.match(fault(await send('<policies /><policies />')), /multiple root elements/);
	assert.match(fault(await send('<policies a="&nbsp;" />')), /EntityName/);
	assert.equal(await shown(), before);
});

test('a named value is put into the C# that is compiled', async (t) => {
	const { send, put } = await stage(t);
	await put('namedValues/v', { displayName: 'quote', value: 'a"b' });
	assert.match(fault(await send(document('<set-variable name="a" value="@(&quot;{{quote}}&quot;)" />'))), /^representation: .*well-formed|^set-variable: /);
});

test('a policy has its place: base not in the instance\'s, the one name, a parent', async (t) => {
	const { send, put, part } = await stage(t);
	const value = document('');
	assert.match(refused(await put('policies/policy', { value }), 400, 'ValidationError').details[0].message, /^Error in element 'base' on line 3, column 4: /);
	refused(await part('PUT', 'apis/a/policies/other', { value }), 400, 'ValidationError');
	refused(await part('PUT', 'apis/b/policies/policy', { value }), 404, 'ResourceNotFound');
	refused(await part('PUT', 'apis/a/operations/o/policies/policy', { value }), 404, 'ResourceNotFound');
	refused(await send(value, 'xml-link'), 400, 'ValidationError');
	refused(await part('PUT', AT, { value, colour: 'blue' }), 400, 'ValidationError');
});

test('a policy is as large as the tier allows, a fragment 32 KB', async (t) => {
	const long = (kib) => document(`<set-variable name="a" value="${'x'.repeat(kib * 1024)}" />`);
	const classic = await stage(t);
	assert.equal((await classic.send(long(20))).status, 201);
	refused(await classic.send(long(256)), 400, 'ValidationError');
	refused(await classic.put('policyFragments/f', { value: `<fragment>${' '.repeat(32 * 1024)}</fragment>` }), 400, 'ValidationError');
	const consumption = await stage(t, { tier: 'Consumption' });
	refused(await consumption.send(long(16)), 400, 'ValidationError');
});

test('a fragment is taken at once, and whether it is any good is known later', async (t) => {
	const { part, poll, put, send } = await stage(t, { slowStates: 2 });
	const good = '<fragment><set-method>GET</set-method></fragment>';
	const answer = await part('PUT', 'policyFragments/f', { value: good });
	assert.deepEqual([answer.status, answer.headers['retry-after']], [202, '0']);
	assert.equal((await part('GET', 'policyFragments/f')).body.properties.provisioningState, 'InProgress');
	refused(await send(document('<include-fragment fragment-id="f" />')), 400, 'ValidationError');
	refused(await part('PUT', 'policyFragments/f', { value: good }), 409, 'PessimisticConcurrencyConflict');
	assert.deepEqual([(await poll(answer)).status, (await send(document('<include-fragment fragment-id="f" />'))).status], [201, 201]);
	assert.match(fault(await put('policyFragments/f', { value: '<fragment><set-heder /></fragment>' })), /^set-heder: Error in element 'set-heder' on line 1, column 12: /);
	const { properties } = (await part('GET', 'policyFragments/f')).body;
	assert.deepEqual([properties.provisioningState, properties.value], ['Failed', good.replace(/></g, '>\r\n<').replace('\r\n<set-method>', '\r\n  <set-method>')]);
});
