/* Files that are no Office documents of today: texts in several charsets, pictures, a PDF, and what cannot be read. */
import { defaultUsers } from '../../../entra/users.mjs';

const users = defaultUsers('');
export const jpg = () => Buffer.from(users.adele.photo, 'base64');
export const png = () => Buffer.from(users.zoe.photo, 'base64');

export const utf8 = () => Buffer.from('Überblick\r\nThe budget stands: 1 200 €, says 雪.\r\n');
export const utf16 = () => Buffer.from('\ufeffÜberblick\r\nIn two bytes: €\r\n', 'utf16le');
export const latin1 = () => Buffer.from('Menü\nCafé für alle\n', 'latin1');
export const html = () => Buffer.from('<!DOCTYPE html><html><head><meta charset="utf-8"><title>Menu</title><style>p{}</style></head>'
	+ '<body><h1>Men&uuml;</h1><p>Soup &amp; bread</p><script>alert(1)</script></body></html>');
export const csv = () => Buffer.from('\ufeffStore;Cost\r\nOslo;400\r\n"Paris; centre";800\r\n');
export const longText = () => Buffer.from(Array.from({ length: 30_000 }, (_, i) => `Line ${i + 1}: the lighthouse stands — €${i}.\n`).join(''));

/* One page that says a line; offsets as a reader wants them. */
export function pdf() {
	const draw = 'BT /F1 24 Tf 72 720 Td (Contract terms) Tj ET';
	const objects = ['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
		'<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
		`<< /Length ${draw.length} >>\nstream\n${draw}\nendstream`, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'];
	const at = [];
	let text = '%PDF-1.4\n';
	objects.forEach((object, i) => {
		at.push(text.length);
		text += `${i + 1} 0 obj\n${object}\nendobj\n`;
	});
	const rows = at.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
	return Buffer.from(`${text}xref\n0 6\n0000000000 65535 f \n${rows}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`);
}

/* A compound file as Word locks one with a password, or wrote them until 2003: head, and the names of its streams. */
export function compound(...streams) {
	const head = Buffer.alloc(512);
	Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(head);
	head.set([0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6], 24);
	const directory = streams.map((name) => {
		const entry = Buffer.alloc(128);
		entry.write(name, 'utf16le');
		entry.writeUInt16LE(2 * name.length + 2, 64);
		return entry;
	});
	return Buffer.concat([head, ...directory, Buffer.alloc(2048)]);
}
export const locked = () => compound('Root Entry', 'EncryptedPackage', 'EncryptionInfo');
export const oldWord = () => compound('Root Entry', 'WordDocument', '1Table');
export const film = () => Buffer.concat([Buffer.from('00000018667479706d703432', 'hex'), Buffer.alloc(4096, 7)]);
