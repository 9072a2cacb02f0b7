/*
 * The Key Vault: made, or brought back where it was deleted, and its secrets.
 */
import { follow } from './http.mjs';
import { Stop } from './run.mjs';

export const VAULT_VERSION = '2023-07-01';
const SECRETS_VERSION = '7.4';

export const vaultResource = ({ names, provider }) => ({ label: `Key Vault ${names.vault}`, path: provider(`Microsoft.KeyVault/vaults/${names.vault}`), version: VAULT_VERSION });

/* Deleted vaults keep their name until they are purged. */
export const deletedVault = ({ names, ids, options }) => ({ label: `deleted Key Vault ${names.vault}`,
	path: `${ids.subscription}/providers/Microsoft.KeyVault/locations/${options.LOCATION}/deletedVaults/${names.vault}`, version: VAULT_VERSION, hidden: true });

function bodyOf({ options, tags, account }) {
	return { location: options.LOCATION, tags, properties: { tenantId: account.tenantId, sku: { family: 'A', name: 'standard' }, enableRbacAuthorization: true } };
}

export async function vault(it) {
	const { run, arm, names, cloud, known, ids } = it;
	run.say(`Key Vault ${names.vault}`);
	const resource = vaultResource(it);
	known.vaultId = resource.path;
	known.KEY_VAULT_URL = `https://${names.vault}.${cloud.vaults}`;
	const body = bodyOf(it);
	if (!await arm.get(resource) && await arm.get(deletedVault(it))) {
		await run.change('restore', resource.label, () => restore(arm, { ...resource, body: { ...body, properties: { ...body.properties, createMode: 'recover' } } }, ids.group));
		if (run.whatIf) arm.toBeMade.push(resource.path);
	}
	await arm.ensure({ ...resource, body, compare: { properties: { enableRbacAuthorization: true } }, patch: { properties: { enableRbacAuthorization: true } } });
}

/* A vault comes back where it was: perhaps in another group. */
async function restore(arm, resource, group) {
	try {
		return await arm.write(resource);
	} catch (error) {
		if (error instanceof Stop) error.advice ??= `It was in another group than ${group.split('/').pop()}, or may not come back: az keyvault purge --name ${resource.path.split('/').pop()} frees its name, for good.`;
		throw error;
	}
}

/* A right to the vault that was given a moment ago is not known to it at once. */
const rightIsNew = ({ status, code }) => status === 403 && /^(Forbidden|ForbiddenByRbac|AccessDenied)$/.test(code);

function question({ cloud, known }, path, label) {
	return { url: `${known.KEY_VAULT_URL}${path}?api-version=${SECRETS_VERSION}`, audience: cloud.vaultAudience, label, patience: rightIsNew };
}

/* Whether the vault has a secret of that name. */
export async function hasSecret(it, name) {
	if (it.arm.isToBeMade(it.known.vaultId) || (it.run.whatIf && it.known.vaultRightIsNew)) return false;
	for (let next = question(it, '/secrets', `secrets of ${it.names.vault}`); next;) {
		const { body } = await it.http.ask(next);
		if (body.value.some(({ id, attributes }) => id.endsWith(`/secrets/${name}`) && attributes?.enabled !== false)) return true;
		next = body.nextLink && { ...next, url: follow(it.known.KEY_VAULT_URL, body.nextLink) };
	}
	return false;
}

/* The value of what is there already. */
export async function secretValue(it, name) {
	const { body } = await it.http.ask(question(it, `/secrets/${name}`, `secret ${name}`));
	return it.run.keepSecret(body.value);
}

const isDeleted = ({ code }) => code === 'ObjectIsDeletedButRecoverable';
const comesBack = ({ code }) => isDeleted({ code }) || code === 'ObjectIsBeingRecovered';

/* One that somebody deleted holds its name: it is brought back and gets another value. */
export async function keepSecret(it, name, value) {
	it.run.keepSecret(value);
	const ask = question(it, `/secrets/${name}`, `secret ${name}`);
	const write = (patience) => it.http.ask({ ...ask, method: 'PUT', body: { value }, patience });
	try {
		await write(rightIsNew);
	} catch (error) {
		if (!isDeleted(error)) throw error;
		it.run.note(`  secret ${name} was deleted and is brought back`);
		await it.http.ask({ ...question(it, `/deletedsecrets/${name}/recover`, `secret ${name}`), method: 'POST' });
		await write(comesBack);
	}
}
