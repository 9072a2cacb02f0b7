/* Text and mails in charsets of one byte a letter, against Node's own decoder. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startContents } from '../stage/graph_tools/contents.mjs';

const { readBytes } = await startContents();
const CHARSETS = ['windows-1250', 'windows-1251', 'windows-1252', 'windows-1253', 'windows-1254', 'windows-1257', 'ISO-8859-1', 'ISO-8859-2',
	'ISO-8859-5', 'ISO-8859-7', 'ISO-8859-9', 'ISO-8859-15', 'KOI8-R'];
const ALL = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

/* What a reader is shown of it: a byte that Windows leaves open stands for nothing, and no text has control characters. */
function shown(bytes, charset) {
	const decoder = new TextDecoder(charset);
	const text = decoder.decode(bytes);
	return (decoder.encoding.startsWith('windows') ? text.replace(/[\x80-\x9f]/g, '\ufffd') : text)
		.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, '');
}

const mail = (...lines) => readBytes({ name: 'a.eml', type: 'message/rfc822', bytes: Buffer.from(lines.join('\r\n')) });

for (const charset of CHARSETS)
	describe(charset, () => {
		test('each byte of a text is the letter that it is elsewhere', async () => {
			const bytes = ALL.subarray(32);
			const { text } = await readBytes({ name: 'a.txt', type: `text/plain; charset=${charset}`, bytes });
			assert.equal(text, shown(bytes, charset));
		});

		test('each byte of a mail\'s body is too', async () => {
			const { text } = await mail('Subject: x', `Content-Type: text/plain; charset="${charset}"`, 'Content-Transfer-Encoding: base64', '',
				ALL.toString('base64'));
			assert.equal(text, `Subject: x\n\n${shown(ALL, charset)}`);
		});

		test('each letter of an encoded word of a mail\'s header is too', async () => {
			const bytes = ALL.subarray(33);
			const { text } = await mail(`Subject: =?${charset}?B?${bytes.toString('base64')}?=`, '', '');
			assert.equal(text, `Subject: ${shown(bytes, charset)}\n\n`);
		});
	});
