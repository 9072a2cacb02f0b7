/*
 * Microsoft.Resources/tags: the tags of any resource or group, changed without the rest of it.
 */
import { versioned } from './arm.mjs';
import { mustFit, refuse } from './refusal.mjs';

const MOST = 50;
const SHAPE = { 'operation!': ['Merge', 'Replace', 'Delete'], 'properties!': { tags: 'map' } };

const HOW = {
	Merge: (now, given) => ({ ...now, ...given }),
	Replace: (now, given) => given,
	Delete: (now, given) => Object.fromEntries(Object.entries(now).filter(([name, value]) => given[name] !== value)),
};

export function tags(azure) {
	const of = ({ params: { scope } }) => azure.resources.get(`/${scope}`)
		?? refuse(404, 'ResourceNotFound', `The Resource '${scope.split('/providers/')[1] ?? scope}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`);
	const shown = (resource) => ({ body: { id: `${resource.id}/providers/Microsoft.Resources/tags/default`, name: 'default', type: 'Microsoft.Resources/tags', properties: { tags: resource.tags ?? {} } } });

	function patch(question) {
		const resource = of(question);
		const { json } = question;
		mustFit(json, SHAPE);
		const wanted = HOW[json.operation](resource.tags ?? {}, json.properties.tags ?? {});
		if (Object.keys(wanted).length > MOST) refuse(400, 'TagCountExceeded', `The number of tags exceeds the limit of ${MOST}.`);
		resource.tags = wanted;
		return shown(resource);
	}

	return versioned(['2021-04-01', '2022-09-01', '2024-11-01'], [
		['GET', '/{scope*}/providers/Microsoft.Resources/tags/default', (question) => shown(of(question))],
		['PATCH', '/{scope*}/providers/Microsoft.Resources/tags/default', patch],
	]);
}
