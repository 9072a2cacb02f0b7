/*
 * Policies of an instance, an API and an operation, and policy fragments.  What is stored was parsed, refers to
 * nothing that is missing, and has C# that compiles.
 */
import { checkPolicy } from './policy_check.mjs';
import { SyntaxProblem, elements, readPolicy, rootOf, texts, writePolicy } from './policy_xml.mjs';
import { invalid } from './validation.mjs';

const KIB = 1024;
const FRAGMENT_LIMIT = 32 * KIB;
const NAMED_VALUE = /\{\{([A-Za-z0-9._-]+)\}\}/g;
const FORMATS = ['xml', 'rawxml'];
export const STOCK = '<!-- Policies of all APIs. -->\n<policies><inbound /><backend><forward-request /></backend><outbound /></policies>';

const attribute = (element, name) => element.attributes.find(([given]) => given === name)?.[1];

/* The policy that an element belongs to: what stands directly in a section or fragment.  That is what ARM names. */
function policyAt(root, path) {
	const depth = root.name === 'policies' ? 2 : 1;
	return path.slice(0, depth).reduce((element, i) => element.children.filter(({ kind }) => kind === 'element')[i], root);
}

function policyOf(root, element) {
	const sections = root.name === 'policies' ? root.children : [root];
	const policies = sections.flatMap(({ children = [] }) => children).filter(({ kind }) => kind === 'element');
	return policies.find((policy) => [...elements(policy)].includes(element)) ?? element;
}

const problem = ({ name, line, column }, text) => ({ target: name, message: `Error in element '${name}' on line ${line}, column ${column}: ${text}` });

/* What the document names and the instance does not have. */
function missing(instance, nodes) {
	const root = rootOf(nodes);
	const values = instance.namedValues();
	const names = nodes.flatMap((node) => [...texts(node, root)]).flatMap(([text, element]) => [...text.matchAll(NAMED_VALUE)].map(([, name]) => [name, element]))
		.filter(([name]) => !values.has(name)).map(([name, element]) => problem(policyOf(root, element), `Cannot find a property '${name}'`));
	const references = [...elements(root)].flatMap((element) => {
		const fragment = element.name === 'include-fragment' && attribute(element, 'fragment-id');
		const backend = element.name === 'set-backend-service' && attribute(element, 'backend-id');
		if (fragment && !instance.find(`policyFragments/${fragment}`)?.usable) return [problem(policyOf(root, element), `Policy fragment with id '${fragment}' could not be found.`)];
		const plain = backend && !backend.startsWith('@') && !backend.includes('{{');
		return plain && !instance.find(`backends/${backend}`) ? [problem(policyOf(root, element), `Backend with id '${backend}' could not be found.`)] : [];
	});
	return [...names, ...references];
}

const usedNames = (nodes) => nodes.flatMap((node) => [...texts(node)]).flatMap(([text]) => [...text.matchAll(NAMED_VALUE)].map(([, name]) => name));

/* The fragments that the document includes, as nodes by id. */
const fragmentsOf = (instance, nodes) => new Map([...elements(rootOf(nodes))].filter(({ name }) => name === 'include-fragment')
	.map((element) => attribute(element, 'fragment-id')).map((id) => [id, instance.find(`policyFragments/${id}`).nodes]));

async function uncompiled(instance, nodes, file) {
	const fragments = fragmentsOf(instance, nodes);
	const values = instance.namedValues();
	const names = [...new Set([nodes, ...fragments.values()].flatMap(usedNames))];
	const found = await checkPolicy({ file, text: writePolicy(nodes, 'xml'), values: Object.fromEntries(names.map((name) => [name, values.get(name)])),
		fragments: Object.fromEntries([...fragments].map(([id, inner]) => [id, writePolicy(inner, 'xml')])) });
	return found.map(({ path, text }) => (path ? problem(policyAt(rootOf(nodes), path), text) : { target: 'representation', message: text }));
}

function read(value, format) {
	try {
		return readPolicy(value, format);
	} catch (error) {
		if (!(error instanceof SyntaxProblem)) throw error;
		return invalid({ target: 'representation', message: error.message });
	}
}

/* The nodes of a document that the instance takes.  file: such as says its scope to the emulator. */
async function accepted(instance, { value, format = 'xml' }, file) {
	const nodes = read(value, format);
	const absent = missing(instance, nodes);
	if (absent.length) invalid(...absent);
	const wrong = await uncompiled(instance, nodes, file);
	if (wrong.length) invalid(...wrong);
	return nodes;
}

function mustBeWithin(value, limit) {
	if (Buffer.byteLength(value) > limit) invalid({ target: 'value', message: `Policy document is larger than the ${limit / KIB} KB that are allowed.` });
}

/* The format of a GET's query. */
function shown({ nodes, properties }, question) {
	const format = question.query('format') ?? 'xml';
	if (!FORMATS.includes(format)) invalid({ target: 'format', message: `'${format}' is no format that is played: ${FORMATS.join(', ')}.` });
	return { ...properties, format, value: writePolicy(nodes, format) };
}

const shape = { 'value!': 'string', format: FORMATS };

function policy(file) {
	return {
		what: 'Policy', shape,
		mustBe({ id }) {
			if (id !== 'policy') invalid({ target: 'policyId', message: "The only policy identifier is 'policy'." });
		},
		async accept({ instance, given }) {
			mustBeWithin(given.value, (instance.tier === 'Consumption' ? 16 : 256) * KIB);
			return { properties: {}, nodes: await accepted(instance, given, file) };
		},
		view: shown,
	};
}

const fragment = {
	what: 'PolicyFragment', shape: { ...shape, description: 'string' }, slow: true,
	async accept({ instance, given }) {
		mustBeWithin(given.value, FRAGMENT_LIMIT);
		return { properties: { description: given.description ?? '' }, nodes: await accepted(instance, given, 'fragments/-.xml') };
	},
	view: shown,
	usedBy: ({ instance, name }) => instance.all().filter(({ nodes }) => nodes && [...elements(rootOf(nodes))]
		.some((element) => element.name === 'include-fragment' && attribute(element, 'fragment-id')?.toLowerCase() === name.toLowerCase())),
};

export const POLICIES = {
	policies: policy('policies/global.xml'),
	'apis/policies': policy('policies/api.xml'),
	'apis/operations/policies': policy('policies/api/operation.xml'),
	policyFragments: fragment,
};

/* Those of the children that name this value, or backend. */
export const namingValue = (instance, name) => instance.all().filter(({ nodes }) => nodes && usedNames(nodes).includes(name));
export const namingBackend = (instance, id) => instance.all().filter(({ nodes }) => nodes && [...elements(rootOf(nodes))]
	.some((element) => element.name === 'set-backend-service' && attribute(element, 'backend-id') === id));

export const stockPolicy = () => readPolicy(STOCK, 'xml');
