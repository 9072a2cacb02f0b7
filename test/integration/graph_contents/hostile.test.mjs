/* Files that are made to harm who reads them: each ends in a sentence or within its bounds, and the next one is read as ever. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { docx, paragraph, wordDocument } from '../../sandbox/graph/data/documents/word.mjs';
import { zip } from '../../sandbox/graph/data/documents/zip.mjs';
import { startContents } from '../stage/graph_tools/contents.mjs';

const { readBytes } = await startContents();
const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const read = (bytes) => readBytes({ name: 'Plan.docx', type: WORD, bytes });
const words = (text) => paragraph(`<w:r><w:t>${text}</w:t></w:r>`);

const TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" '
	+ `ContentType="${WORD}.main+xml"/></Types>`;
const RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
	+ '<Relationship Id="r" Target="word/document.xml" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>';

/* A package with that for its document. */
const holding = (document) => zip({ '[Content_Types].xml': TYPES, '_rels/.rels': RELATIONS, 'word/document.xml': document });
const laughs = () => wordDocument(words('&l9;')).replace(/(<w:document)/, `<!DOCTYPE w [<!ENTITY l0 "ha">${
	Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('')}]>$1`);
const elsewhere = () => wordDocument(words('&x;')).replace(/(<w:document)/, '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>$1');
const HARM = {
	'that unpacks to far more than it has': [() => holding(wordDocument(words(' '.repeat(80 << 20)))), /unpacks to far more than it should/],
	'with entities within entities': [() => holding(laughs()), /no XML that is read/],
	'with an entity that is a file of this machine': [() => holding(elsewhere()), /no XML that is read/],
	'that nests its elements without end': [() => holding(wordDocument(`${'<w:p>'.repeat(100_000)}${'</w:p>'.repeat(100_000)}`)), /no XML that is read/],
	'with ten thousand entries': [() => zip(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`word/${i}.xml`, '']))), /too many files/],
	'that is cut off': [() => docx().subarray(0, 2000), /cannot be unpacked/],
	'whose first bytes were written over': [() => docx().fill(0xff, 30, 400), /cannot be unpacked/],
	'of nothing but a beginning': [() => Buffer.from('PK\x03\x04'), /cannot be unpacked/],
};

describe('a Word file', () => {
	after(async () => {
		assert.match((await read(docx())).text, /^# Lighthouse: minutes\n/, 'the next one');
		assert.equal((await read(holding(wordDocument(words('A plan.'))))).text, 'A plan.', 'one like these, without harm');
	});

	for (const [what, [bytes, says]] of Object.entries(HARM))
		test(what, async () => {
			const { why, text, ...rest } = await read(bytes());
			assert.match(why ?? '', says, text?.slice(0, 100));
			assert.equal(text, undefined);
			assert.doesNotMatch(JSON.stringify(rest), /root:|haha/);
		});
});
