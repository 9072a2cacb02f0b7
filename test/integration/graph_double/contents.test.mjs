/* Proves what the sandbox Graph's files hold and how they are fetched: a redirect to another host, which knows no tokens. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { assertGiven, assertRefusedByGraph, graphClient } from '../stage/graph_client.mjs';
import { freshSandbox } from '../stage/sandbox.mjs';

const sandbox = await freshSandbox();
const { graph, entra } = sandbox;
const { downloads } = graph;
const ask = graphClient(sandbox, { scopes: ['Files.Read'] });

const samples = async () => {
	const { value } = assertGiven(await ask('/me/drive/root/children'));
	const { id } = value.find(({ name }) => name === 'Samples');
	return assertGiven(await ask(`/me/drive/items/${id}/children`)).value;
};
const contentOf = ({ id }, options) => ask(`/me/drive/items/${encodeURIComponent(id)}/content`, options);
const addressOf = async (item) => {
	const { status, headers, bytes } = await contentOf(item);
	assert.deepEqual([status, bytes.length], [302, 0]);
	return headers.get('location');
};
const one = async (wanted) => (await samples()).find(({ name }) => name === wanted);
const fetched = async (item) => Buffer.from(await (await fetch(await addressOf(item))).arrayBuffer());

/* {name: bytes} by the central directory of a zip. */
function unzip(bytes) {
	const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06'));
	let at = bytes.readUInt32LE(end + 16);
	return Object.fromEntries(Array.from({ length: bytes.readUInt16LE(end + 10) }, () => {
		const [method, size, length, local] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20), bytes.readUInt16LE(at + 28),
			bytes.readUInt32LE(at + 42)];
		const name = bytes.subarray(at + 46, at + 46 + length).toString();
		at += 46 + length;
		const packed = bytes.subarray(local + 30 + length, local + 30 + length + size);
		return [name, (method === 8 ? inflateRawSync(packed) : packed).toString()];
	}));
}

describe('a file', () => {
	test('is fetched from another host without a token, and is as long as its item says', async () => {
		for (const item of await samples()) {
			const location = await addressOf(item);
			assert.notEqual(new URL(location).host, new URL(graph.url).host);
			const answer = await fetch(location);
			const bytes = await answer.arrayBuffer();
			assert.deepEqual([answer.status, bytes.byteLength, answer.headers.get('content-type')], [200, item.size, item.file.mimeType], item.name);
		}
		assert.deepEqual([downloads.counts.served, downloads.counts.withToken], [16, 0]);
	});

	test('is refused to whoever shows a token, comes without the address, or too late', async () => {
		const location = await addressOf(await one('Overview.txt'));
		const status = async (url, headers) => (await fetch(url, { headers })).status;
		assert.equal(await status(location, { authorization: 'Bearer x' }), 401);
		assert.equal(await status(location.replace(/tempauth=[^&]+/, 'tempauth=v1.x')), 401);
		assert.equal(await status(location), 200);
		downloads.age(3600);
		assert.equal(await status(location), 401);
		assert.deepEqual([downloads.counts.refused, downloads.counts.withToken], [3, 1]);
	});

	test('that is a folder has no content, and neither has what is not there', async () => {
		const { value } = assertGiven(await ask('/me/drive/root/children'));
		assertRefusedByGraph(await contentOf(value.find(({ folder }) => folder)), 400, 'notAFile');
		assertRefusedByGraph(await contentOf({ id: '01ABCDEFGHIJKLMNOPQRSTUVWXYZ23!9' }), 404, 'itemNotFound');
		assertRefusedByGraph(await contentOf(await one('Minutes.docx'), { query: { format: 'pdf' } }), 406, 'notSupported');
	});

	test('is also reached by its drive, one\'s own alone', async () => {
		const item = await one('Overview.txt');
		const { driveId } = item.parentReference;
		assert.equal(assertGiven(await ask(`/drives/${driveId}/items/${item.id}`)).name, item.name);
		assert.equal((await ask(`/drives/${driveId}/items/${item.id}/content`)).status, 302);
		assertRefusedByGraph(await ask(`/drives/${driveId}/items/${item.id}`, { user: 'zoe' }), 404, 'itemNotFound');
		assertRefusedByGraph(await ask(`/drives/x/items/${item.id}`), 400, 'invalidRequest');
	});

	test('of a test\'s own is there until the sandbox is fresh again', async () => {
		const id = graph.putFile('adele', { name: 'mine.bin', type: 'application/x-mine', bytes: 'abc' });
		assert.deepEqual([(await fetched({ id })).toString(), assertGiven(await ask(`/me/drive/items/${id}`)).size], ['abc', 3]);
		sandbox.reset();
		assertRefusedByGraph(await ask(`/me/drive/items/${id}`), 404, 'itemNotFound');
	});
});

describe('the bytes', () => {
	test('of Office files are parts in a zip, named by the types and the relations', async () => {
		for (const [name, main] of [['Minutes.docx', 'word/document.xml'], ['Stores.xlsx', 'xl/workbook.xml'], ['Launch.pptx', 'ppt/presentation.xml']]) {
			const parts = unzip(await fetched(await one(name)));
			assert.match(parts['_rels/.rels'], new RegExp(`officeDocument" Target="${main}"`));
			const named = [...parts['[Content_Types].xml'].matchAll(/PartName="\/([^"]+)"/g)].map(([, part]) => part);
			assert.ok(named.includes(main) && named.every((part) => part in parts), name);
		}
	});

	test('of texts are in the charset that they seem to have', async () => {
		assert.match((await fetched(await one('Overview.txt'))).toString(), /^Überblick/);
		assert.match((await fetched(await one('Two bytes a letter.txt'))).toString('utf16le'), /^\ufeffÜberblick/);
		assert.match((await fetched(await one('Menu of old.txt'))).toString('latin1'), /^Menü/);
		assert.ok((await one('Minutes of a year.txt')).size > 1024 * 1024);
	});

	test('begin as those of their kind, but where the name lies', async () => {
		for (const [name, start] of [['Pixel.png', '89504e47'], ['Photo.jpg', 'ffd8ff'], ['Contract.pdf', '25504446'],
			['Locked with a password.docx', 'd0cf11e0'], ['Letter of 1999.doc', 'd0cf11e0'], ['Not a picture.png', '3c21444f43']])
			assert.equal((await fetched(await one(name))).toString('hex', 0, start.length / 2), start, name);
	});
});

describe('failures on order of the host', () => {
	const got = async (fault) => {
		downloads.fail(fault);
		return fetch(await addressOf(await one('Overview.txt')), { redirect: 'manual' });
	};

	test('lead elsewhere, or forget what they gave', async () => {
		const { status, headers } = await got({ kind: 'redirect', location: 'https://elsewhere.example/' });
		assert.deepEqual([status, headers.get('location')], [302, 'https://elsewhere.example/']);
		assert.equal((await got({ kind: 'expired' })).status, 401);
	});

	test('say another type or length than the file has, or give another number of bytes', async () => {
		assert.equal((await got({ kind: 'typed', type: 'image/png' })).headers.get('content-type'), 'image/png');
		const long = await got({ kind: 'declared', length: 1000 });
		assert.equal(long.headers.get('content-length'), '1000');
		await assert.rejects(long.arrayBuffer());
		const many = await got({ kind: 'bytes', bytes: 300_000, measured: false });
		assert.deepEqual([many.headers.get('content-length'), (await many.arrayBuffer()).byteLength], [null, 300_000]);
		await assert.rejects((await got({ kind: 'cut_body' })).arrayBuffer());
	});

	test('are those of the files alone, while Graph\'s own can say where a file is', async () => {
		const item = await one('Overview.txt');
		graph.fail({ kind: 'redirect', path: `/me/drive/items/${item.id}/content`, location: 'http://127.0.0.1:1/' });
		assertGiven(await ask(`/me/drive/items/${item.id}`));
		assert.equal(await addressOf(item), 'http://127.0.0.1:1/');
		assert.match(await addressOf(item), new RegExp(downloads.url));
		assert.ok(entra.url !== downloads.url);
	});
});
