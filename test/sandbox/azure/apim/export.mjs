/*
 * What an instance holds, as the folder that the gateway emulator serves: so that it is what was deployed that
 * answers, not what was meant to be.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writePolicy } from './policy_xml.mjs';

const json = (value) => `${JSON.stringify(value, null, 2)}\n`;

/* {path: text} of every policy and fragment; where: by the child's path. */
function policies(instance) {
	const files = new Map();
	for (const { path, nodes, usable } of instance.all().filter((child) => child.nodes)) {
		if (!usable) continue;
		const [first, api, , operation] = path.split('/');
		const file = first === 'policies' ? 'policies/global.xml' : first === 'policyFragments' ? `fragments/${api}.xml`
			: path.includes('/operations/') ? `policies/${api}/${operation}.xml` : `policies/${api}.xml`;
		files.set(path, [file, writePolicy(nodes, 'xml')]);
	}
	return files;
}

function catalogue(instance, files) {
	const policyOf = (path) => {
		const found = files.get(`${path}/policies/policy`);
		return found ? { policy: found[0] } : {};
	};
	const operations = (api) => instance.in(`${api}/operations`).map(({ path, name, properties: { method, urlTemplate } }) => ({ id: name, method, urlTemplate, ...policyOf(path) }));
	return {
		apis: instance.in('apis').filter(({ usable }) => usable).map(({ path, name, properties }) => ({ id: name, name: properties.displayName, path: properties.path, ...policyOf(path), operations: operations(path) })),
		backends: instance.in('backends').map(({ name, properties: { url } }) => ({ id: name, url })),
	};
}

/* Writes below `folder` what the instance of that name holds, and gives what does not stand there: {secrets: {NAME: text}}. */
export function exportTo(azure, name, folder) {
	const instance = azure.apim.instance(name);
	const values = instance.in('namedValues').filter(({ usable }) => usable);
	const files = policies(instance);
	const all = [...files.values(), ['apis.json', json(catalogue(instance, files))], ['named-values.json', json(values.map(({ properties, value }) => (properties.secret
		? { name: properties.displayName, secret: true, ...(properties.keyVault && { keyVault: properties.keyVault.secretIdentifier }) }
		: { name: properties.displayName, secret: false, value })))]];
	for (const [path, text] of all) {
		mkdirSync(dirname(join(folder, path)), { recursive: true });
		writeFileSync(join(folder, path), text);
	}
	return { secrets: Object.fromEntries(values.filter(({ properties }) => properties.secret).map(({ properties: { displayName }, value }) => [displayName, value])) };
}
