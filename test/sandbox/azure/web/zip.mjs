/*
 * The names in a zip archive, from its central directory (APPNOTE 4.3.12 and 4.3.16).
 */
const END = 0x06054b50;
const ENTRY = 0x02014b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;

/* Empty for what is no zip. */
export function namesOf(bytes) {
	if (!bytes || bytes.length < END_BYTES) return [];
	const zip = Buffer.from(bytes);
	const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
	if (end < 0 || end + END_BYTES > zip.length || zip.readUInt32LE(end) !== END) return [];
	const names = [];
	let at = zip.readUInt32LE(end + 16);
	for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
		if (at + ENTRY_BYTES > zip.length || zip.readUInt32LE(at) !== ENTRY) return [];
		const length = zip.readUInt16LE(at + 28);
		names.push(zip.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + length));
		at += ENTRY_BYTES + length + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
	}
	return names;
}

/* Why these bytes are no package of function apps; undefined: they are one. */
export function wrongPackage(bytes) {
	const names = namesOf(bytes);
	if (!names.length) return 'The package is no zip archive that can be read.';
	return names.includes('host.json') ? undefined : 'The package has no host.json in its root.';
}
