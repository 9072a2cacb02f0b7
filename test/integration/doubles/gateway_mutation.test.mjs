/*
 * The tool that changes the policies to see whether tests notice (`make mutate`), on a few of its
 * mutants; and that its mutants are what it says.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { mutantsOf } from '../../gateway/mutation/mutants.mjs';
import { readSource } from '../../gateway/mutation/xml.mjs';
import { repo } from '../stage/fixture.mjs';

function mutate(...args) {
	const { promise, resolve } = Promise.withResolvers();
	execFile(process.execPath, [join(repo, 'test/gateway/mutate.mjs'), '--parallel', '1', ...args],
		(error, out) => resolve({ code: error ? error.code : 0, out }));
	return promise;
}

suite('make mutate', () => {
	test('kills what the tests mind: four of the checks on a token', async () => {
		const { code, out } = await mutate('--files', 'test/integration/gateway/policies_routes.test.mjs', '--only',
			'signed-in-user\\.xml: (<claim [^:]*: (no <|no sep)|<validate-azure-ad-token .*no <)|me\\.xml: <include-fragment .*no <');
		assert.match(out, /^mutate: 4 mutants, 4 killed, 0 accepted, 0 survived; \d+ tests$/m);
		assert.equal(code, 0);
	});

	test('names what no test minds, and fails', async () => {
		const { code, out } = await mutate('--files', 'test/integration/doubles/graph_batch.test.mjs', '--only', 'echo\\.xml: .*no <set-header>');
		assert.equal(out.replace(/\d+ tests$/m, 'N tests'), `survived: line 5 of policies/operations/echo.xml: <set-header name="Authorization" exists-action="delete" />: no <set-header>
mutate: 1 mutants, 0 killed, 0 accepted, 1 survived; N tests\n`);
		assert.equal(code, 1);
	});
});

suite('the mutants', () => {
	const policy = `<!-- <a b="c" /> -->
<policies>
	<choose>
		<when condition='@(a == "x" &amp;&amp; !b)'>
			<?part refuse?>
		</when>
	</choose>
	<rate timeout="10" on="true">@{ if (f(")") > 5) { return ""; } /* "no" == 1 */ }</rate>
</policies>
`;
	const lines = policy.split('\n');
	const changes = mutantsOf('p', policy).map(({ line, name }) => `${line} ${name.slice(`p: ${lines[line - 1].trim()}: `.length)}`);

	test('leave out every element, and change every condition, attribute, literal and comparison', () => {
		assert.deepEqual(changes, ['3 no <choose>', '4 no <when>', '4 condition true', '4 condition false', '4 condition negated',
			'4 == -> != (after "@(a")', '4 "x" -> "xX"', '4 &amp;&amp; -> || (after "@(a == "x"")', '4 ! -> nothing (after "" &amp;&amp;")',
			'5 no part', '8 no <rate>', '8 no timeout', '8 timeout 10 -> 20', '8 on true -> false', '8 if true: f(")") > 5', '8 if false: f(")") > 5',
			'8 ")" -> ")X"', '8 > -> &lt;= (after "{ if (f(")")")', '8 5 -> 6 (after "if (f(")") >")', '8 "" -> "X"']);
	});

	test('are each another text, and well-formed', () => {
		for (const file of globSync('{policies,fragments}/**/*.xml', { cwd: join(repo, 'apim') })) {
			const source = readFileSync(join(repo, 'apim', file), 'utf8');
			const all = mutantsOf(file, source);
			assert.equal(new Set(all.map(({ name }) => name)).size, all.length, `${file}: each has a name of its own`);
			for (const { text, name } of all) {
				assert.notEqual(text, source, name);
				readSource(text);
			}
		}
	});
});
