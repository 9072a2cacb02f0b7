/*
 * The official MCP conformance suite, in both eras: against the handler alone, and against the same core with
 * the tools that the suite asks for by name; in one of them below the host in each mode, which hands on
 * what it is sent in either, and with every Graph tool.  What may fail stands in test/conformance/baseline-*.yml, line by line with its reason.
 */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { baselineFile, conform, readBaseline } from '../../conformance/suite.mjs';
import { binary, repo, startAlone, startHosted, startSandbox, use } from '../stage/fixture.mjs';

const VERSIONS = ['2025-11-25', '2026-07-28'];
const fixtureBinary = process.env.HANDLER ? `${binary}-fixture`
	: join(repo, 'build/release/handler-fixture');

/* Scenarios that no baseline may excuse, with the checks that each has to pass at least. */
const GREEN = {
	'2025-11-25': { 'server-initialize': 2, ping: 2, 'tools-list': 3,
		'dns-rebinding-protection': 2 },
	'2026-07-28': { 'tools-list': 4, 'dns-rebinding-protection': 2, 'http-header-validation': 14,
		'server-sse-multiple-streams': 1, 'input-required-result-unsupported-methods': 2,
		'input-required-result-validate-input': 3 },
};
const GREEN_OF_FIXTURE = {
	'2025-11-25': { ...GREEN['2025-11-25'], 'tools-call-simple-text': 2, 'tools-call-image': 2,
		'tools-call-audio': 2, 'tools-call-embedded-resource': 2, 'tools-call-mixed-content': 2,
		'tools-call-error': 2 },
	'2026-07-28': { ...GREEN['2026-07-28'], 'server-stateless': 25,
		'input-required-result-request-state': 3, 'input-required-result-result-type': 2,
		'input-required-result-missing-input-response': 2,
		'http-custom-header-server-validation': 6, 'tools-call-simple-text': 2,
		'tools-call-image': 2, 'tools-call-audio': 2, 'tools-call-embedded-resource': 2,
		'tools-call-mixed-content': 2, 'tools-call-error': 2 },
};

const sandbox = await startSandbox();
after(() => sandbox.stop());
const env = { ...sandbox.env, MCP_AUTH: 'optional' }; /* the suite sends no token */

const TARGETS = [
	['handler', 'alone', VERSIONS, () => startAlone({ env })],
	['handler', 'proxying', ['2025-11-25'], () => startHosted({ env, mode: 'proxying' })],
	['handler', 'forwarding', ['2026-07-28'], () => startHosted({ env, mode: 'forwarding' })],
	['handler', 'payload', ['2026-07-28'], () => startHosted({ env, mode: 'payload' })],
	['handler', 'with every Graph tool', ['2026-07-28'], () => startAlone({ env: { ...env, GRAPH_TOOLS: '*' } })],
	['fixture', 'alone', VERSIONS, () => startAlone({ env, command: fixtureBinary })],
];

const count = (checks, status) => checks.filter((check) => check.status === status).length;

/* Scenarios and how many of their checks must have passed, with no failure among them. */
function assertGreen(checks, green, excused) {
	for (const [scenario, atLeast] of Object.entries(green)) {
		const of = checks.filter((check) => check.scenario === scenario);
		assert.equal(count(of, 'FAILURE'), 0, scenario);
		assert.ok(count(of, 'SUCCESS') >= atLeast, `${scenario}: ${JSON.stringify(of)}`);
		assert.ok(!excused.some((check) => check.startsWith(`${scenario}:`)), scenario);
	}
}

for (const [build, mode, versions, start] of TARGETS) {
	describe(`${build} ${mode}`, () => {
		const server = use(start);
		for (const version of versions) {
			test(`${version}: everything passes but what the baseline lists`, async (t) => {
				const baseline = baselineFile(build, version);
				const { code, output, checks } = await conform({ version, baseline,
					url: `${server().url}/mcp`, asStarted: build === 'handler' && mode === 'alone' });
				assert.equal(code, 0, output);
				const excused = readBaseline(baseline).map(({ check }) => check).sort();
				const failed = checks.filter(({ status }) => /^(FAILURE|WARNING)$/.test(status));
				assert.deepEqual(failed.map(({ check }) => check).sort(), excused);
				assertGreen(checks, (build === 'fixture' ? GREEN_OF_FIXTURE : GREEN)[version],
					excused);
				t.diagnostic(`conformance ${version}, ${build} ${mode}: `
					+ `${count(checks, 'SUCCESS')} passed, ${count(checks, 'FAILURE')} failed and `
					+ `${count(checks, 'WARNING')} warned as listed, `
					+ `${count(checks, 'SKIPPED')} skipped`);
			});
		}
	});
}

describe('the baselines', () => {
	const server = use(TARGETS[0].at(-1));
	const folder = mkdtempSync(join(tmpdir(), 'baseline-'));
	after(() => rmSync(folder, { recursive: true }));
	const run = async (scenario, lines) => {
		const baseline = join(folder, 'baseline.yml');
		writeFileSync(baseline, ['server:', ...lines.map((line) => `  - ${line}`), ''].join('\n'));
		return (await conform({ url: `${server().url}/mcp`, version: '2026-07-28', scenario,
			baseline })).code;
	};

	test('a failure that is not listed, and a line that is not needed, fail the suite', async () => {
		assert.equal(await run('prompts-list', []), 1);
		assert.equal(await run('prompts-list', ['prompts-list:prompts-list']), 0);
		assert.equal(await run('tools-list', ['tools-list:tools-list']), 1);
	});

	test('the fixture build\'s is the handler\'s without the tools that it has', () => {
		for (const version of VERSIONS) {
			const [whole, less] = ['handler', 'fixture'].map((build) =>
				readBaseline(baselineFile(build, version)));
			const more = whole.filter(({ check }) => !less.some((line) => line.check === check));
			assert.equal(whole.length - less.length, more.length);
			for (const { check, reason } of more)
				assert.match(reason, /^(wants the tool test_\w+|no argument .* a header)$/, check);
		}
	});

	test('no line excuses a body that breaks the protocol\'s schema', () => {
		for (const version of VERSIONS) {
			for (const { check } of readBaseline(baselineFile('handler', version)))
				assert.doesNotMatch(check, /wire-schema/);
		}
	});
});

test('the shipped binary holds nothing of the fixture build', () => {
	const source = readFileSync(join(repo, 'test/fixture/table.c'), 'utf8');
	const names = new Set(source.match(/\btest_\w+/g));
	assert.ok(names.size >= 10);
	for (const name of names) {
		assert.ok(readFileSync(fixtureBinary).includes(name), name);
		assert.ok(!readFileSync(binary).includes(name), name);
	}
});
