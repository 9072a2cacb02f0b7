/*
 * The secrets of a vault (*.vault.azure.net): for whoever has a role that the vault knows of.
 */
import { randomBytes } from 'node:crypto';
import { versioned } from './arm.mjs';
import { mustFit, refuse } from './refusal.mjs';

const HOSTS = /^([a-z0-9-]+)\.vault\.(azure\.net|usgovcloudapi\.net|azure\.cn)$/;
const AUDIENCE = /^https:\/\/vault\.(azure\.net|usgovcloudapi\.net|azure\.cn)\/?$/;
const LOGINS = { 'azure.net': 'https://login.microsoftonline.com', 'usgovcloudapi.net': 'https://login.microsoftonline.us', 'azure.cn': 'https://login.chinacloudapi.cn' };
const VERSIONS = ['7.4', '7.5', '7.6', '2025-07-01'];
const WRITERS = ['Key Vault Secrets Officer', 'Key Vault Administrator'];
const READERS = [...WRITERS, 'Key Vault Secrets User'];
const SHAPE = { 'value!': 'string', tags: 'map', contentType: 'string', attributes: { enabled: 'boolean', nbf: 'integer', exp: 'integer' } };

export function service(azure) {
	function vaultOf(host) {
		const [, name] = HOSTS.exec(host) ?? [];
		return azure.resources.below('/subscriptions').find((one) => one.type === 'Microsoft.KeyVault/vaults' && one.name.toLowerCase() === name)
			?? refuse(502, 'BadGateway', `no such host: ${host}`);
	}

	function mayDo(vault, { oid, appid }, names, action) {
		if (vault.properties.enableRbacAuthorization && azure.may(oid, names, vault.id)) return;
		refuse(403, 'Forbidden', `Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\nCaller: appid=${appid};oid=${oid}\r\nAction: 'Microsoft.KeyVault/vaults/secrets/${action}'\r\nResource: '${vault.id.toLowerCase()}'\r\nAssignment: (not found)`,
			{ innerError: { code: 'ForbiddenByRbac' } });
	}

	const noSecret = (name) => refuse(404, 'SecretNotFound', `A secret with (name/id) ${name} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command.`);

	/* What a secret's address (https://VAULT.vault.azure.net/secrets/NAME[/VERSION]) gives to an identity; refused as the vault refuses. */
	azure.readSecret = (address, oid) => {
		const { host, pathname } = new URL(address);
		const [, name, version] = /^\/secrets\/([^/]+)\/?([^/]*)$/.exec(pathname) ?? refuse(400, 'BadParameter', `${address} is no address of a secret.`);
		const vault = vaultOf(host);
		mayDo(vault, { oid }, READERS, 'getSecret/action');
		const versions = vault.secrets.get(name.toLowerCase()) ?? noSecret(name);
		return version ? versions.find(({ id }) => id.endsWith(`/${version}`)) ?? noSecret(`${name}/${version}`) : versions.at(-1);
	};

	const recovering = new Map();
	function isComingBack(vault, name) {
		const key = `${vault.id} ${name}`.toLowerCase();
		const left = recovering.get(key) ?? 0;
		recovering.set(key, left - 1);
		return left > 0;
	}

	const conflict = (code, message) => refuse(409, 'Conflict', message, { innerError: { code } });
	const deletedOf = (vault) => (vault.deletedSecrets ??= new Map());

	function remove({ host, params: { name }, caller }) {
		const vault = vaultOf(host);
		mayDo(vault, caller, WRITERS, 'delete');
		const versions = vault.secrets.get(name.toLowerCase()) ?? noSecret(name);
		vault.secrets.delete(name.toLowerCase());
		deletedOf(vault).set(name.toLowerCase(), versions);
		const { value: hidden, ...rest } = versions.at(-1);
		return { body: { ...rest, recoveryId: `${vault.properties.vaultUri}deletedsecrets/${name}` } };
	}

	function recover({ host, params: { name }, caller }) {
		const vault = vaultOf(host);
		mayDo(vault, caller, WRITERS, 'recover/action');
		const versions = deletedOf(vault).get(name.toLowerCase()) ?? noSecret(name);
		deletedOf(vault).delete(name.toLowerCase());
		vault.secrets.set(name.toLowerCase(), versions);
		recovering.set(`${vault.id} ${name}`.toLowerCase(), azure.slowStates);
		const { value: hidden, ...rest } = versions.at(-1);
		return { body: rest };
	}

	function put({ host, params: { name }, json, caller }) {
		const vault = vaultOf(host);
		mayDo(vault, caller, WRITERS, 'setSecret/action');
		mustFit(json, SHAPE, { code: 'BadParameter' });
		if (!/^[0-9A-Za-z-]{1,127}$/.test(name)) refuse(400, 'BadParameter', `The request URI contains an invalid name: ${name}`);
		const left = deletedOf(vault).get(name.toLowerCase());
		if (left) conflict('ObjectIsDeletedButRecoverable', `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`);
		if (isComingBack(vault, name)) conflict('ObjectIsBeingRecovered', `Secret ${name} is currently being recovered.`);
		const now = Math.floor(Date.now() / 1000);
		const secret = { value: json.value, id: `${vault.properties.vaultUri}secrets/${name}/${randomBytes(16).toString('hex')}`, ...(json.tags && { tags: json.tags }), ...(json.contentType && { contentType: json.contentType }),
			attributes: { enabled: true, ...json.attributes, created: now, updated: now, recoveryLevel: 'Recoverable+Purgeable', recoverableDays: 90 } };
		vault.secrets.set(name.toLowerCase(), [...vault.secrets.get(name.toLowerCase()) ?? [], secret]);
		return { body: secret };
	}

	const get = ({ url, caller }) => ({ body: azure.readSecret(url.href.replace(/\?.*$/, ''), caller.oid) });

	function list({ host, caller }) {
		const vault = vaultOf(host);
		mayDo(vault, caller, READERS, 'readMetadata/action');
		const value = [...vault.secrets.values()].map((versions) => versions.at(-1)).map(({ value: hidden, id, ...rest }) => ({ ...rest, id: id.replace(/\/[^/]*$/, '') }));
		return { body: { value, nextLink: null } };
	}

	const form = ({ code, message, innerError }) => ({ error: { code, message, ...(innerError && { innererror: innerError }) } });
	return { hosts: HOSTS, audience: AUDIENCE, form, challenge: ({ host }) => `Bearer authorization="${LOGINS[HOSTS.exec(host)[2]]}/${azure.tenantId}", resource="https://vault.${HOSTS.exec(host)[2]}"`,
		routes: versioned(VERSIONS, [['GET', '/secrets', list], ['PUT', '/secrets/{name}', put], ['DELETE', '/secrets/{name}', remove],
			['POST', '/deletedsecrets/{name}/recover', recover], ['GET', '/secrets/{name}', get], ['GET', '/secrets/{name}/{version}', get]]) };
}
