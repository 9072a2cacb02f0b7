/*
 * The blobs of a storage account (*.blob.core.windows.net), as far as a package is put there with the account's key
 * and read with a signed address.  Who signs is looked at, what is signed is not.
 */
import { createHash } from 'node:crypto';
import { refuse } from './refusal.mjs';

const HOSTS = /^([a-z0-9]+)\.blob\.core\.(windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)$/;
const READ_BY = ['Storage Blob Data Owner', 'Storage Blob Data Contributor'];

const addressOf = ({ host, url }) => `https://${host}${url.pathname}`;
const tagged = (etag) => ({ etag, 'last-modified': new Date().toUTCString(), 'x-ms-request-id': '0', 'x-ms-version': '2024-11-04' });

/* The form of the service: an XML document, its code in a header too. */
const form = ({ code, message }) => `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;

export function service(azure) {
	azure.blobs = new Map();	/* address without what signs it -> bytes */
	const deny = (status, code, message) => refuse(status, code, message, { headers: { 'content-type': 'application/xml', 'x-ms-error-code': code } });

	function accountOf({ host }) {
		const [, name] = HOSTS.exec(host);
		return azure.resources.below('/subscriptions').find((one) => one.type === 'Microsoft.Storage/storageAccounts' && one.name === name) ?? deny(502, 'BadGateway', `no such host: ${host}`);
	}

	/* The account, for whoever holds its key; a signed address (sig) reads. */
	function opened(question) {
		const account = accountOf(question);
		const signed = new RegExp(`^SharedKey ${account.name}:[A-Za-z0-9+/]{43}=$`).test(question.headers.authorization ?? '') || (question.method === 'GET' && question.query('sig'));
		if (!signed) deny(403, 'AuthenticationFailed', 'Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.');
		if (account.properties.allowSharedKeyAccess === false) deny(403, 'KeyBasedAuthenticationNotPermitted', 'Key based authentication is not permitted on this storage account.');
		return account;
	}

	const containerId = (account, name) => `${account.id}/blobServices/default/containers/${name}`;
	const noContainer = () => deny(404, 'ContainerNotFound', 'The specified container does not exist.');

	function container(question) {
		const id = containerId(opened(question), question.params.container);
		if (question.query('restype') !== 'container') deny(400, 'InvalidQueryParameterValue', 'Value for one of the query parameters specified in the request URI is invalid.');
		const there = azure.resources.get(id);
		if (question.method !== 'PUT') return there ? { headers: tagged('"0x1"') } : noContainer();
		if (there) deny(409, 'ContainerAlreadyExists', 'The specified container already exists.');
		azure.resources.put(id, { id, name: question.params.container, type: 'Microsoft.Storage/storageAccounts/blobServices/containers', properties: { publicAccess: 'None' } });
		return { status: 201, headers: tagged('"0x1"') };
	}

	function put(question) {
		const { params, headers, bytes } = question;
		const account = opened(question);
		if (!azure.resources.get(containerId(account, params.container))) noContainer();
		if (headers['x-ms-blob-type'] !== 'BlockBlob') deny(400, 'InvalidHeaderValue', 'The value for one of the HTTP headers is not in the correct format.');
		const md5 = createHash('md5').update(bytes).digest('base64');
		if (headers['content-md5'] && headers['content-md5'] !== md5) deny(400, 'Md5Mismatch', 'The MD5 value specified in the request did not match with the MD5 value calculated by the server.');
		azure.blobs.set(addressOf(question), bytes);
		return { status: 201, headers: { ...tagged('"0x2"'), 'content-md5': md5 } };
	}

	function get(question) {
		opened(question);
		const bytes = azure.blobs.get(addressOf(question)) ?? deny(404, 'BlobNotFound', 'The specified blob does not exist.');
		return { headers: { ...tagged('"0x2"'), 'content-type': 'application/octet-stream' }, body: bytes };
	}

	/* Whether an identity may read the container's blobs: what a Flex app asks of its package's. */
	azure.mayReadBlobs = (oid, account, name) => azure.may(oid, READ_BY, containerId(account, name));

	return { hosts: HOSTS, form, writes: true, routes: [['GET', '/{container}', container], ['HEAD', '/{container}', container], ['PUT', '/{container}', container],
		['GET', '/{container}/{blob*}', get], ['PUT', '/{container}/{blob*}', put]] };
}
