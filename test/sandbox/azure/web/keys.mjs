/*
 * The keys of a site's Functions host, which keeps them in its storage: without a role or a key for that there are none.
 */
import { reading } from '../azure.mjs';
import { mustFit, refuse } from '../refusal.mjs';
import { IN_GROUP } from '../tracked.mjs';
import { refuseWeb } from './form.mjs';
import { TYPE, idleSite } from './sites.mjs';
import { newKey } from './state.mjs';
import { refusedHost } from './storage.mjs';
import { namesOf } from './zip.mjs';

const KINDS = ['functionKeys', 'systemKeys'];
const kindOf = ({ kind }) => KINDS.find((one) => one.toLowerCase() === kind.toLowerCase()) ?? refuse(404, 'NotFound', `There are no keys of the kind ${kind}.`);

export function keys(azure) {
	const hosted = (act) => async (question) => {
		const site = await idleSite(azure, question.params);
		if (refusedHost(azure, site)) refuseWeb(400, 'Encountered an error (InternalServerError) from host runtime.');
		return act(site, question);
	};

	function put(site, { params, json }) {
		mustFit(json, { id: 'string', name: 'string', type: 'string', kind: 'string', 'properties!': { name: 'string', value: 'string' } });
		const held = site[kindOf(params)];
		const status = params.key in held ? 200 : 201;
		held[params.key] = json.properties.value ?? newKey();
		return { status, body: { id: `${site.resource.id}/host/default/${params.kind}/${params.key}`, name: params.key, type: `${TYPE}/host/${params.kind}`,
			properties: { name: params.key, value: held[params.key] } } };
	}

	function remove(site, { params }) {
		const held = site[kindOf(params)];
		if (!(params.key in held)) return { status: 404, body: { error: { code: 'NotFound', message: `There is no key ${params.key}.` } } };
		delete held[params.key];
		return { status: 204 };
	}

	const functionsOf = ({ resource: { id, name } }) => namesOf(azure.packages.get(name)).filter((file) => /^[^/]+\/function\.json$/.test(file)).map((file) => file.split('/')[0])
		.map((one) => ({ id: `${id}/functions/${one}`, name: `${name}/${one}`, type: `${TYPE}/functions`, properties: { name: one, isDisabled: false } }));

	const at = `${IN_GROUP}/${TYPE}/{name}`;
	return [
		['POST', `${at}/host/default/listkeys`, reading(hosted(({ masterKey, functionKeys, systemKeys }) => ({ body: { masterKey, functionKeys, systemKeys } })))],
		['PUT', `${at}/host/default/{kind}/{key}`, hosted(put)],
		['DELETE', `${at}/host/default/{kind}/{key}`, hosted(remove)],
		['GET', `${at}/functions`, async ({ params }) => ({ body: { value: functionsOf(await idleSite(azure, params)) } })],
	];
}
