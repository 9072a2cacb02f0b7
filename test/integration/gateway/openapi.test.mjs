/* openapi.yaml says of the answers what the tools' output schemas say. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import yaml from 'js-yaml';
import { repo, startAlone, use } from '../stage/fixture.mjs';

/* JSON Schema as OpenAPI 3.0 writes it: null is not a type there. */
function asOpenApi(schema) {
	if (Array.isArray(schema)) return schema.map(asOpenApi);
	if (schema === null || typeof schema !== 'object') return schema;
	const all = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, asOpenApi(value)]));
	if (!Array.isArray(all.type)) return all;
	const [type, nothing, ...more] = all.type;
	assert.deepEqual([nothing, more], ['null', []]);
	return { ...all, type, nullable: true };
}

/* /echo itself answers with bytes; only its tool has a schema. */
const SCHEMAS = { hello: 'Greeting', tools: 'ToolList', me: 'Profile', status: 'Status' };

suite("openapi.yaml's schemas", () => {
	const handler = use(() => startAlone());
	const document = yaml.load(readFileSync(join(repo, 'apim/openapi.yaml'), 'utf8'));

	test("are the tools' output schemas", async () => {
		const { tools } = (await handler().ask('/tools')).json;
		assert.deepEqual(tools.map(({ name }) => name).filter((name) => name !== 'echo').sort(), Object.keys(SCHEMAS).sort());
		for (const { name, outputSchema } of tools.filter((tool) => tool.name in SCHEMAS))
			assert.deepEqual(document.components.schemas[SCHEMAS[name]], asOpenApi(outputSchema), name);
	});

	test('are what the answers of their endpoints refer to', () => {
		for (const [name, schema] of Object.entries(SCHEMAS)) {
			const content = document.paths[`/${name}`].get.responses['200'].content['application/json'];
			assert.equal(content.schema.$ref, `#/components/schemas/${schema}`);
		}
	});
});
