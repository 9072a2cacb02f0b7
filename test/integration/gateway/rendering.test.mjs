/*
 * The rendered gateway: what is refused before anything is written, and what stands in the policies
 * by then.  How they behave is for those who execute them.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import yaml from 'js-yaml';
import { checkPreauth } from '../../../apim/preauth.mjs';
import { SETTINGS, checkSettings } from '../../../apim/settings.mjs';
import { fill } from '../../../apim/template.mjs';
import { repo } from '../../sandbox/common/repo.mjs';

const EXAMPLE = JSON.parse(readFileSync(join(repo, 'apim/settings.example.json'), 'utf8'));
const PREAUTH = JSON.parse(readFileSync(join(repo, 'apim/preauth.example.json'), 'utf8'));
const CLIENTS = PREAUTH.api.preAuthorizedApplications.map(({ appId }) => appId);

/* Renders with these settings: {status, errors, out, read(path), all: {path: text}}. */
function render(t, settings = EXAMPLE, { preauth = PREAUTH, env = {} } = {}) {
	const folder = mkdtempSync(join(tmpdir(), 'render-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const file = (name) => join(folder, name);
	writeFileSync(file('settings.json'), JSON.stringify(settings));
	writeFileSync(file('preauth.json'), typeof preauth === 'string' ? preauth : JSON.stringify(preauth));
	const { status, stderr } = spawnSync(process.execPath, [join(repo, 'apim/render.mjs'), '--settings', file('settings.json'),
		'--preauth', file('preauth.json'), '--out', file('out')], { env: { PATH: process.env.PATH, ...env }, encoding: 'utf8' });
	const read = (path) => readFileSync(join(file('out'), path), 'utf8');
	const names = () => readdirSync(file('out'), { recursive: true }).filter((name) => /\.\w+$/.test(name) && !name.startsWith('.'));
	return { status, errors: stderr, written: () => existsSync(file('out')), read, names,
		json: (path) => JSON.parse(read(path)), policies: () => names().filter((name) => name.endsWith('.xml')).map((name) => [name, read(name)]) };
}

const example = render({ after });

suite('settings that cannot be used', () => {
	test('each missing one is named, all at once, and nothing is written', (t) => {
		const { status, errors, written } = render(t, {}, { preauth: 'no JSON' });
		assert.equal(status, 1);
		const required = SETTINGS.filter(([, , fallback]) => fallback === undefined).map(([name]) => name);
		assert.ok(required.length >= 5);
		for (const name of required) assert.match(errors, new RegExp(`^render: ${name} is missing: `, 'm'));
		assert.match(errors, /^render: preauth\.json is not JSON/m);
		assert.ok(!written());
	});

	for (const [name] of SETTINGS) {
		test(`${name} cannot carry a character that would change a policy`, () => {
			const good = checkSettings(EXAMPLE).all[name];
			const text = String([good].flat()[0] || 'https://a.example');
			for (const hostile of ['"', "'", '\\', '<', '>', '&', '{{', '}}', '\n', ' ', '@(', '$', '\u0000', '\u2028'])
				assert.equal(checkSettings({ ...EXAMPLE, [name]: `${text}${hostile}x` }).problems.length, 1, JSON.stringify(hostile));
		});
	}

	const MALFORMED = { TENANT_ID: 'contoso.com', CLIENT_ID: '123', APIM_GATEWAY_URL: 'http://gateway.example', FUNCTION_APP_URL: 'https://a.example/api',
		KEY_VAULT_URL: 'https://vault.example', OBO_CREDENTIAL: 'certificate', ALLOWED_ORIGINS: 'https://a.example,*', LOGIN_HOST: 'https://login.example',
		GRAPH_HOST: 'graph/host', GRAPH_SCOPE: 'User Read', REQUIRED_SCOPE: 'a b', MCP_CLIENT_ID: 'none', MCP_IDENTIFIER: 'try', GRAPH_TOOLS: 'Mail.Read', GRAPH_TOOLS_WRITE: 'yes',
		CONFIRM_WRITES: 'yes', WRITE_RECIPIENT_DOMAINS: '*.example.com', RATE_PER_ADDRESS: '0', RATE_SIGN_IN: '-1', RATE_PER_USER: 'many' };
	for (const [name, value] of Object.entries(MALFORMED)) {
		test(`${name} is not ${value}`, () => {
			const { problems } = checkSettings({ ...EXAMPLE, [name]: value });
			assert.equal(problems.length, 1);
			assert.match(problems[0], new RegExp(`^${name} is not `));
		});
	}

	test('the table of malformed values knows every setting', () => {
		assert.deepEqual(Object.keys(MALFORMED).sort(), SETTINGS.map(([name]) => name).sort());
	});

	test('one that does not exist is refused, as a slip of the pen would otherwise go unseen', (t) => {
		const { status, errors } = render(t, { ...EXAMPLE, ALLOWED_ORIGIN: 'https://a.example' });
		assert.equal(status, 1);
		assert.match(errors, /no such setting: ALLOWED_ORIGIN/);
	});

	test("a public client that is the API's own registration is refused", () => {
		const { problems } = checkSettings({ ...EXAMPLE, MCP_CLIENT_ID: EXAMPLE.CLIENT_ID.toUpperCase() });
		assert.match(problems.join(), /^MCP_CLIENT_ID is CLIENT_ID; /);
	});

	test('the environment wins over the file', (t) => {
		const tenant = '99999999-2222-3333-4444-555555555555';
		const { json } = render(t, EXAMPLE, { env: { TENANT_ID: tenant } });
		assert.equal(json('named-values.json').find(({ name }) => name === 'TENANT_ID').value, tenant);
	});
});

suite('preauth.json', () => {
	const one = PREAUTH.api.preAuthorizedApplications[0];
	const WRONG = {
		'not JSON': ['{', /is not JSON/],
		'no list': ['{"api":{}}', /lists no client/],
		'an empty list': ['{"api":{"preAuthorizedApplications":[]}}', /lists no client/],
		'an appId that is no GUID': [{ ...one, appId: 'VS Code' }, /client 1: appId is not a GUID/],
		'no scope': [{ appId: one.appId }, /client 1: delegatedPermissionIds/],
		'a scope that is no GUID': [{ ...one, delegatedPermissionIds: ['access_as_user'] }, /client 1: delegatedPermissionIds/],
		'two scopes': [{ ...one, delegatedPermissionIds: [one.appId, ...one.delegatedPermissionIds] }, /more than one scope/],
	};
	for (const [what, [text, message]] of Object.entries(WRONG)) {
		test(`${what} is refused`, () => {
			const document = typeof text === 'string' ? text : JSON.stringify({ api: { preAuthorizedApplications: [text] } });
			assert.match(checkPreauth(document).problems.join(' '), message);
		});
	}

	test('a client that is listed twice is refused', () => {
		assert.match(checkPreauth(JSON.stringify({ api: { preAuthorizedApplications: [one, one] } })).problems[0], /twice/);
	});

	test('the old permissionIds is read as delegatedPermissionIds', () => {
		const old = { appId: one.appId, permissionIds: one.delegatedPermissionIds };
		assert.deepEqual(checkPreauth(JSON.stringify({ api: { preAuthorizedApplications: [old] } })).clients, [one]);
	});

	test('its clients are those of the gateway and of the handler', () => {
		const { read } = example;
		const ids = [...read('fragments/signed-in-user.xml').matchAll(/<application-id>(.*)<\/application-id>/g)].map(([, id]) => id);
		assert.deepEqual(ids, CLIENTS);
		assert.equal(read('allowed-client-ids.txt'), `${CLIENTS.join(',')}\n`);
	});

	test('the public client of the settings is one of them, once', (t) => {
		for (const [MCP_CLIENT_ID, expected] of [['7D0F4A1E-52c3-4b86-9e0d-c3a8b1f26e94', [...CLIENTS, '7d0f4a1e-52c3-4b86-9e0d-c3a8b1f26e94']],
			[CLIENTS[0], CLIENTS], ['', CLIENTS]]) {
			const { read } = render(t, { ...EXAMPLE, MCP_CLIENT_ID });
			assert.deepEqual([...read('fragments/signed-in-user.xml').matchAll(/<application-id>(.*)<\/application-id>/g)].map(([, id]) => id), expected);
			assert.equal(read('allowed-client-ids.txt'), `${expected.join(',')}\n`);
		}
	});

	test('so many clients that the fragment would exceed 32 KB are refused', (t) => {
		const many = Array.from({ length: 600 }, (_, i) => ({ ...one, appId: one.appId.replace(/^.{4}/, String(1000 + i)) }));
		const { status, errors } = render(t, EXAMPLE, { preauth: { api: { preAuthorizedApplications: many } } });
		assert.equal(status, 1);
		assert.match(errors, /signed-in-user\.xml is larger than 32768 bytes/);
	});
});

suite('the rendered policies', () => {
	test('hold no secret: function key and client secret are references to Key Vault, unversioned', (t) => {
		const { json } = render(t, { ...EXAMPLE, OBO_CREDENTIAL: 'secret' });
		const secrets = json('named-values.json').filter(({ secret }) => secret);
		assert.deepEqual(secrets, [
			{ name: 'CLIENT_SECRET', secret: true, keyVault: `${EXAMPLE.KEY_VAULT_URL}/secrets/client-secret` },
			{ name: 'function-key', secret: true, keyVault: `${EXAMPLE.KEY_VAULT_URL}/secrets/function-key` }]);
	});

	test('refer to exactly the named values that there are', (t) => {
		for (const OBO_CREDENTIAL of ['secret', 'managed-identity']) {
			const { json, policies } = render(t, { ...EXAMPLE, OBO_CREDENTIAL });
			const used = new Set(policies().flatMap(([, text]) => [...text.matchAll(/\{\{([^}]+)\}\}/g)].map(([, name]) => name)));
			assert.deepEqual([...used].sort(), json('named-values.json').map(({ name }) => name).sort());
		}
	});

	test('hold nothing of the templates', () => {
		for (const [name, text] of example.policies()) assert.doesNotMatch(text, /<\?|\$\{/, name);
	});

	test('prove the gateway to Entra by its identity or by a secret, never by both', (t) => {
		const proof = (OBO_CREDENTIAL) => render(t, { ...EXAMPLE, OBO_CREDENTIAL }).read('policies/operations/me.xml');
		assert.match(proof('secret'), /client_secret=/);
		assert.doesNotMatch(proof('secret'), /client_assertion|authentication-managed-identity/);
		assert.match(proof('managed-identity'), /resource="api:\/\/AzureADTokenExchange" [\s\S]*client_assertion=/);
		assert.doesNotMatch(proof('managed-identity'), /client_secret|CLIENT_SECRET/);
	});

	test('ask for the assertion of the national cloud that they are in', (t) => {
		const resource = (LOGIN_HOST) => /resource="([^"]+)"/.exec(render(t, { ...EXAMPLE, LOGIN_HOST }).read('policies/operations/me.xml'))[1];
		assert.equal(resource('login.microsoftonline.us'), 'api://AzureADTokenExchangeUSGov');
		assert.equal(resource('login.partner.microsoftonline.cn'), 'api://AzureADTokenExchangeChina');
	});

	test('name the scope by the MCP address only where Entra knows that, and by the API\'s id with a public client', () => {
		const client = '7d0f4a1e-52c3-4b86-9e0d-c3a8b1f26e94';
		const byId = `api://${EXAMPLE.CLIENT_ID}/access_as_user`;
		for (const [MCP_IDENTIFIER, MCP_CLIENT_ID, expected] of [['', '', `${EXAMPLE.APIM_GATEWAY_URL}/mcp/access_as_user`],
			['yes', '', `${EXAMPLE.APIM_GATEWAY_URL}/mcp/access_as_user`], ['no', '', byId], ['yes', client, byId], ['no', client, byId]])
			assert.equal(checkSettings({ ...EXAMPLE, MCP_IDENTIFIER, MCP_CLIENT_ID }).all.MCP_SCOPE, expected, `${MCP_IDENTIFIER} ${MCP_CLIENT_ID}`);
	});

	test('allow the gateway itself and every configured web origin', (t) => {
		const { read } = render(t, { ...EXAMPLE, ALLOWED_ORIGINS: 'https://a.example, https://b.example:8443' });
		const wanted = [EXAMPLE.APIM_GATEWAY_URL, 'https://a.example', 'https://b.example:8443'];
		assert.deepEqual([...read('policies/api.xml').matchAll(/<origin>(.*)<\/origin>/g)].map(([, origin]) => origin), wanted);
		assert.ok(read('policies/operations/mcp.xml').includes(`"${wanted.join(',')}"`));
	});

	test('carry every security header in every return-response, as it skips the rest', () => {
		const headers = ['X-Content-Type-Options', 'X-Frame-Options', 'Content-Security-Policy', 'Referrer-Policy',
			'Strict-Transport-Security', 'x-request-id', 'Cache-Control', 'Content-Type'];
		const answers = example.policies().flatMap(([name, text]) =>
			[...text.matchAll(/<return-response>[\s\S]*?<\/return-response>/g)].map(([answer]) => [name, answer]));
		assert.ok(answers.length >= 20);
		for (const [name, answer] of answers) for (const header of headers)
			assert.equal(answer.match(new RegExp(`<set-header name="${header}"( exists-action="override")?>`, 'g'))?.length, 1, `${name}: ${header}`);
	});

	test('start with cors, then the outer policy, and count addresses, users and those who sign in apart', () => {
		const { read } = example;
		for (const name of ['api', 'metadata-api'])
			assert.match(read(`policies/${name}.xml`), /<inbound>\s*<cors [\s\S]*?<\/cors>\s*<base \/>\s*<rate-limit-by-key calls="6000" [^>]*"ip:"/);
		assert.match(read('fragments/signed-in-user.xml'), /<rate-limit-by-key calls="300" [^>]*"oid:"/);
		for (const name of ['authorize', 'token', 'register'])
			assert.match(read(`policies/operations/oauth-${name}.xml`), /<rate-limit-by-key calls="600" [^>]*"sign-in:"/);
	});

	test('forget everything that a client could pretend to be by', () => {
		const text = example.read('policies/api.xml');
		const forgotten = [...text.matchAll(/<set-(?:header|query-parameter) name="([^"]+)" exists-action="delete"/g)].map(([, name]) => name.toLowerCase());
		for (const name of ['x-ms-client-principal', 'x-ms-client-principal-id', 'x-ms-client-principal-name', 'x-ms-client-principal-idp',
			'x-ms-token-aad-access-token', 'x-ms-token-aad-id-token', 'x-ms-token-aad-expires-on', 'x-ms-token-aad-refresh-token',
			'x-graph-token', 'x-user-oid', 'x-user-tid', 'x-original-url', 'x-rewrite-url', 'ocp-apim-subscription-key', 'code'])
			assert.ok(forgotten.includes(name), name);
		assert.match(text, /name="x-functions-key" exists-action="override"><value>\{\{function-key\}\}</);
	});

	test('check the token where the contract wants one, and give it only to what looks at it', () => {
		const { json, read } = example;
		const needs = Object.fromEntries(Object.values(yaml.load(read('openapi.yaml')).paths).flatMap(Object.values)
			.map(({ operationId, security }) => [operationId, JSON.stringify(security)]));
		for (const { id, policy } of json('apis.json').apis[0].operations) {
			const forgets = policy && read(policy).includes('<set-header name="Authorization" exists-action="delete" />');
			assert.equal(Boolean(forgets), needs[id] === '[]', id);
			const asks = policy && read(policy).includes('<include-fragment fragment-id="signed-in-user" />');
			assert.equal(Boolean(asks), needs[id] === '[{"entra":[]}]', id);
		}
	});

	test("keep Microsoft's rules for fragments", () => {
		for (const [name, text] of example.policies().filter(([path]) => path.startsWith('fragments'))) {
			assert.match(text, /^(?:<!--[\s\S]*?-->\s*)?<fragment>[\s\S]*<\/fragment>\s*$/, name);
			assert.doesNotMatch(text, /<(base|include-fragment|inbound|outbound|backend|on-error|cache-lookup-value)\b/, name);
		}
	});

	test('never show what went wrong inside', () => {
		for (const [name, text] of example.policies()) assert.doesNotMatch(text.replace(/<!--[\s\S]*?-->/g, ''), /LastError\.Message/, name);
	});
});

suite('the list of APIs', () => {
	test('puts the metadata where RFC 9728 and 8414 want it, also for a gateway with a path', (t) => {
		const place = (APIM_GATEWAY_URL) => {
			const { json } = render(t, { ...EXAMPLE, APIM_GATEWAY_URL });
			const [main, ...metadata] = json('apis.json').apis;
			const url = json('named-values.json').find(({ name }) => name === 'RESOURCE_METADATA_URL').value;
			return [main.path, ...metadata.flatMap(({ path, operations }) => operations.map(({ urlTemplate }) => `/${path}${urlTemplate}`)), url];
		};
		const servers = ['oauth-authorization-server', 'openid-configuration'].flatMap((name) => [`/.well-known/${name}`, `/.well-known/${name}/*`]);
		assert.deepEqual(place('https://gw.example'), ['', '/.well-known/oauth-protected-resource',
			'/.well-known/oauth-protected-resource/mcp', ...servers, 'https://gw.example/.well-known/oauth-protected-resource/mcp']);
		assert.deepEqual(place('https://gw.example/a/b'), ['a/b', '/.well-known/oauth-protected-resource',
			'/.well-known/oauth-protected-resource/a/b/mcp', ...servers, '/a/b/.well-known/oauth-authorization-server',
			'/a/b/.well-known/openid-configuration', 'https://gw.example/.well-known/oauth-protected-resource/a/b/mcp']);
	});

	test('names only files that were written, and every operation policy is named', () => {
		const { json, names } = example;
		const { apis } = json('apis.json');
		const named = apis.flatMap((api) => [api.policy, ...api.operations.map(({ policy }) => policy)]).filter(Boolean);
		const written = names().filter((name) => name.startsWith('policies/') && name !== 'policies/global.xml');
		assert.deepEqual(named.sort(), written.sort());
	});
});

test('a template that names no setting stops the rendering', () => {
	assert.throws(() => fill('<a>${NOBODY}</a>', {}, String), /NOBODY, which is no setting/);
	assert.throws(() => fill('<?when NOBODY x?>\n<?end?>\n', {}, String), /NOBODY/);
});
