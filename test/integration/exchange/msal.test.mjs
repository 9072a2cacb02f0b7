/*
 * The handler against MSAL for Node, at one sandbox Entra: the same form, and hit or miss over a
 * script of situations.  What MSAL does is asserted too, so that a better MSAL makes this fail;
 * docs/msal.md shows the outcome.  WRITE_DOCS=1 writes it anew.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { repo, startAlone, startSandbox } from '../stage/fixture.mjs';
import { makeCertificate } from '../../sandbox/msal/certificate.mjs';
import { renew, table, withoutTimes } from '../../sandbox/msal/document.mjs';
import { DEFAULT_SCOPE, HandlerEngine, MsalEngine, trustSandbox }
	from '../../sandbox/msal/engines.mjs';
import { essence, fieldRows, lastForm } from '../../sandbox/msal/fields.mjs';
import { fill, hitTimes } from '../../sandbox/msal/load.mjs';
import { SITUATIONS, defaultScope } from '../../sandbox/msal/situations.mjs';
import { Stage, Table } from '../../sandbox/msal/stage.mjs';
import { ENTRA_TIMEOUT_MS, playWaits } from '../../sandbox/msal/waits.mjs';

const MANY = 300;
const BOUND = 16;
const JUST_NOW_S = 30;

await trustSandbox();
const sandbox = await startSandbox({ tls: true });
const { entra, graph, env } = sandbox;
const handler = await startAlone({ env });
/* For what waits for Entra alone: a busy machine takes longer than that for three hundred users. */
const hasty = await startAlone({ env: { ...env, ENTRA_TIMEOUT_MS } });
/* Another scope, and a cache that is soon full. */
const second = await startAlone({ env: { ...env, GRAPH_SCOPE: DEFAULT_SCOPE,
	TOKEN_CACHE_ENTRIES: BOUND } });
const certificate = await makeCertificate();
const certified = await startAlone({ env: { ...env, CLIENT_SECRET: undefined,
	CLIENT_CERTIFICATE_FILE: certificate.file } });
after(() => Promise.all([handler, hasty, second, certified, certificate, sandbox]
	.map((started) => started.stop())));

const situations = new Table();

/* Both engines: an application of MSAL that has seen nothing, and the handler at url. */
function stages({ url } = handler, options = {}) {
	const engines = [new MsalEngine(entra, options), new HandlerEngine(url, graph)];
	return engines.map((engine) => new Stage({ entra, graph, engine, table: situations }));
}

async function playAll() {
	for (const play of SITUATIONS) {
		for (const stage of stages())
			await play(stage);
	}
	for (const stage of stages(second, { scope: DEFAULT_SCOPE }))
		await defaultScope(stage);
	await playWaits(() => stages(hasty));
	for (const stage of stages(second, { scope: DEFAULT_SCOPE })) {
		await fill(stage, BOUND * 2);
		stage.note(`tokens kept after ${BOUND * 2} users, where ${BOUND} are the bound`, {
			msal: `${BOUND * 2}`, handler: `${BOUND}`,
			reason: 'the least recently used go first; MSAL keeps all' },
		`${await stage.engine.held()}`);
	}
}
/* The form of the first exchange under one and the same assertion, as each sends it. */
async function firstForms() {
	const forms = {};
	const assertion = await entra.mintUserToken();
	for (const { engine } of stages()) {
		assert.ok((await engine.ask(assertion)).ok);
		forms[engine.name] = lastForm(entra);
	}
	return forms;
}

async function allTimes() {
	const times = {};
	for (const stage of stages())
		times[stage.engine.name] = await hitTimes(stage, MANY);
	return times;
}

await playAll();
const forms = await firstForms();
const times = await allTimes();

for (const { situation, expected, reason, measured } of situations.rows) {
	const rule = reason ? `better: ${reason}` : 'alike';
	test(`${situation} (${rule})`, () => {
		assert.equal(measured.handler, expected.handler, 'the handler');
		assert.equal(measured.msal, expected.msal, 'MSAL does otherwise than it used to');
	});
}

test('where the handler claims to be better the two do differ', () => {
	for (const { situation, reason, measured } of situations.rows)
		assert.ok(!reason || measured.msal !== measured.handler, situation);
	assert.ok(situations.rows.filter(({ reason }) => reason).length >= 12);
});

test('both ask Entra for the same: grant, assertion, client, scope and claims', () => {
	assert.deepEqual(essence(forms.handler), essence(forms.msal));
	assert.deepEqual(essence(forms.handler).claims, { xms_cc: { values: ['cp1'] } });
});

test('the handler sends no field that MSAL does not, and MSAL these besides', () => {
	const extra = (one, other) => Object.keys(one.form)
		.filter((name) => !Object.hasOwn(other.form, name)).sort();
	assert.deepEqual(extra(forms.handler, forms.msal), []);
	assert.deepEqual(extra(forms.msal, forms.handler), ['client-request-id', 'client_info',
		'x-client-CPU', 'x-client-OS', 'x-client-SKU', 'x-client-VER', 'x-ms-lib-capability']);
	assert.deepEqual(forms.msal.query, ['client-request-id']);
	assert.deepEqual(forms.handler.query, []);
});

test('a claims challenge of Graph is merged into the same claims', async () => {
	const claims = '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}';
	const merged = {};
	for (const stage of stages()) {
		const { user, assertion } = await stage.caller();
		await stage.engine.challenged(assertion, { user, claims });
		merged[stage.engine.name] = essence(lastForm(entra)).claims;
	}
	assert.deepEqual(merged.handler, merged.msal);
	assert.deepEqual(merged.handler, { nbf: { essential: true, value: '1700000000' },
		xms_cc: { values: ['cp1'] } });
});

test('a certificate makes the same kind of client assertion', async () => {
	const credential = { clientCertificate: certificate.forMsal };
	const said = {};
	for (const stage of stages(certified, { credential })) {
		await stage.ask(await stage.caller()); /* whether Entra takes it is not the question */
		const { form } = lastForm(entra);
		assert.equal(form.client_assertion_type,
			'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
		const { payload } = await jwtVerify(form.client_assertion, certificate.publicKey,
			{ algorithms: ['PS256'], clockTolerance: JUST_NOW_S });
		const { aud, iss, sub, jti, nbf, iat, exp } = payload;
		assert.match(jti, /^[0-9a-f-]{36}$/);
		assert.ok(Math.abs(iat - Date.now() / 1000) <= JUST_NOW_S);
		/* MSAL rounds nbf, up to half a second into the future, and cuts iat. */
		assert.ok(nbf === iat || (stage.engine.name === 'msal' && nbf === iat + 1));
		said[stage.engine.name] = { header: decodeProtectedHeader(form.client_assertion),
			aud, iss, sub, life: exp - nbf };
	}
	assert.deepEqual(said.handler, said.msal);
	assert.equal(said.handler.header['x5t#S256'], certificate.thumbprint);
});

test(`with ${MANY} users more a hit costs MSAL a multiple, the handler the same`, () => {
	const { msal, handler: ours } = times;
	assert.ok(msal.many > 2 * msal.few, `MSAL no longer slows down: ${JSON.stringify(msal)}`);
	assert.ok(ours.many < 3 * ours.few + 5, `the handler slows down: ${JSON.stringify(ours)}`);
});

const ms = (time) => `${time.toFixed(2)} ms`;

function documentParts() {
	const verdict = ({ reason, remark }) => (reason ? `**better**: ${reason}`
		: remark ? `alike; ${remark}` : 'alike');
	const rows = situations.rows.map((row) =>
		[row.situation, row.measured.msal, row.measured.handler, verdict(row)]);
	const one = (name, { few, many }) => [name, ms(few), ms(many)];
	return { situations: table(['situation', 'MSAL', 'handler', 'the handler is'], rows),
		times: table(['', 'one user', `${MANY} more`],
			[one('MSAL', times.msal), one('handler', times.handler)]),
		fields: table(['field', 'MSAL', 'handler', 'compared'], fieldRows(forms)) };
}

test('docs/msal.md shows what was measured', (t) => {
	const parts = documentParts();
	for (const text of Object.values(parts))
		t.diagnostic(`\n${text}`);
	const { written, fresh } = renew(join(repo, 'docs/msal.md'), parts,
		{ store: process.env.WRITE_DOCS === '1' });
	assert.equal(withoutTimes(written), withoutTimes(fresh));
});
