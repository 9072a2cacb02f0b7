/* A zip archive as Office programs write one: entries deflated or stored, then the central directory. */
import { crc32, deflateRawSync } from 'node:zlib';

const DOS_DATE = 0x5c21; /* 2026-01-01 */
const FLAGS_UTF8 = 0x0800;

function headerOf({ name, method, bytes, packed }) {
	const head = Buffer.alloc(26);
	head.writeUInt16LE(20, 0);
	head.writeUInt16LE(FLAGS_UTF8, 2);
	head.writeUInt16LE(method, 4);
	head.writeUInt16LE(DOS_DATE, 8);
	head.writeUInt32LE(crc32(bytes), 10);
	head.writeUInt32LE(packed.length, 14);
	head.writeUInt32LE(bytes.length, 18);
	head.writeUInt16LE(name.length, 22);
	return head;
}

const signed = (number, ...parts) => Buffer.concat([Buffer.from([0x50, 0x4b, ...number]), ...parts]);

function centralOf({ head, name, at }) {
	const tail = Buffer.alloc(14);
	tail.writeUInt32LE(at, 10);
	return signed([1, 2], Buffer.from([20, 0]), head, tail, name);
}

/* parts: {name: text or bytes}; stored: as they are, not deflated. */
export function zip(parts, { stored = false } = {}) {
	let at = 0;
	const entries = Object.entries(parts).map(([path, content]) => {
		const [name, bytes] = [Buffer.from(path), Buffer.from(content)];
		const packed = stored ? bytes : deflateRawSync(bytes);
		const head = headerOf({ name, method: stored ? 0 : 8, bytes, packed });
		const local = signed([3, 4], head, name, packed);
		const entry = { head, name, at, local };
		at += local.length;
		return entry;
	});
	const central = Buffer.concat(entries.map(centralOf));
	const end = Buffer.alloc(18);
	end.writeUInt16LE(entries.length, 4);
	end.writeUInt16LE(entries.length, 6);
	end.writeUInt32LE(central.length, 8);
	end.writeUInt32LE(at, 12);
	return Buffer.concat([...entries.map(({ local }) => local), central, signed([5, 6], end)]);
}
