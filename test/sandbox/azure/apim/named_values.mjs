/*
 * Named values: a text, a secret, or a secret of Key Vault that the instance's identity reads.
 */
import { reading } from '../azure.mjs';
import { Refusal, refuse } from '../refusal.mjs';
import { namingValue } from './policies.mjs';
import { invalid, notFound } from './validation.mjs';

const DISPLAY_NAME = /^[A-Za-z0-9._-]{1,256}$/;
const VALUE_LIMIT = 4096;
const SECRET_URL = /^https:\/\/[a-z0-9-]+\.vault\.(azure\.net|usgovcloudapi\.net|azure\.cn)\/secrets\/[A-Za-z0-9-]+(\/[0-9a-f]+)?\/?$/;

const shape = { 'displayName!': 'string', value: 'string', secret: 'boolean', tags: { list: 'string' },
	keyVault: { 'secretIdentifier!': 'string', identityClientId: 'string', 'lastStatus~': 'any' }, 'provisioningState~': 'any' };

function mustBe({ instance, path, given: { displayName, value, keyVault } }) {
	if (!DISPLAY_NAME.test(displayName)) invalid({ target: 'displayName', message: 'Display name may contain only letters, digits, periods, dash, and underscore.' });
	const same = instance.in('namedValues').find((one) => one.path.toLowerCase() !== path.toLowerCase() && one.properties.displayName === displayName);
	if (same) invalid({ target: 'displayName', message: `Property with display name '${displayName}' already exists.` });
	if ((value === undefined) === (keyVault === undefined)) invalid({ target: 'value', message: 'Either a value or a Key Vault secret must be given, and not both.' });
	if (value === '' || value?.length > VALUE_LIMIT) invalid({ target: 'value', message: `The value must have 1 to ${VALUE_LIMIT} characters.` });
	if (keyVault && !SECRET_URL.test(keyVault.secretIdentifier)) invalid({ target: 'secretIdentifier', message: `'${keyVault.secretIdentifier}' is no identifier of a Key Vault secret.` });
	if (keyVault?.identityClientId) invalid({ target: 'identityClientId', message: `Can not find Managed Identity with provided IdentityClientId : ${keyVault.identityClientId}. For more information please see aka.ms/apimmsi.` });
}

const stamped = (code, message) => ({ code, message, timeStampUtc: '2026-01-01T00:00:00Z' });

/* {properties, value} of a secret of the vault, read as the instance. */
function fromVault(azure, instance, { displayName, keyVault: { secretIdentifier } }) {
	const properties = (lastStatus) => ({ displayName, secret: true, keyVault: { secretIdentifier, lastStatus } });
	try {
		if (!instance.principalId) refuse(401, 'Unauthorized', 'The service has no managed identity.');
		return { properties: properties(stamped('Success')), value: azure.readSecret(secretIdentifier, instance.principalId).value };
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		const message = `Failed to retrieve secret from KeyVault '${secretIdentifier}': ${error.code}: ${error.message}`;
		throw new Refusal(400, 'ValidationError', 'One or more fields contain incorrect values:', { properties: properties(stamped(error.code, message)),
			details: [{ code: 'ValidationError', target: 'secretIdentifier', message }] });
	}
}

export function namedValues(azure, instanceOf) {
	const kind = {
		what: 'NamedValue', shape, mustBe, slow: true,
		accept({ instance, given }) {
			if (given.keyVault) return fromVault(azure, instance, given);
			const { displayName, secret = false, tags = [], value } = given;
			return { properties: { displayName, secret, tags, ...(!secret && { value }) }, value };
		},
		usedBy: ({ instance, child }) => namingValue(instance, child.properties.displayName),
	};

	function found(question) {
		const instance = instanceOf(question);
		return { instance, child: instance.find(`namedValues/${question.params.name}`) ?? notFound(kind.what) };
	}

	/* What GET does not tell. */
	function listValue(question) {
		return { body: { value: found(question).child.value } };
	}

	function refresh(question) {
		const { instance, child } = found(question);
		if (!child.properties.keyVault) invalid({ target: 'keyVault', message: 'Only a named value of Key Vault can be refreshed.' });
		Object.assign(child, fromVault(azure, instance, child.properties), { usable: true, state: 'Succeeded' });
		return { body: { id: `${instance.id}/${child.path}`, type: child.type, name: child.name, properties: child.properties } };
	}

	const at = '/namedValues/{name}';
	return { kind, routes: [['POST', `${at}/listValue`, reading(listValue)], ['POST', `${at}/refreshSecret`, refresh]] };
}
