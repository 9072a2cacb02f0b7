/* A PowerPoint presentation: titles, texts, a table and notes; the order of the slides is not that of their files. */
import { escaped, packaged, relations, xml } from './parts.mjs';
import { zip } from './zip.mjs';

const NAMESPACES = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
	+ 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"';
/* File's number: title, lines, table, notes; in the order in which they are shown. */
const SLIDES = [
	[2, 'Lighthouse', ['The launch of the new stores'], [], 'Say hello first.'],
	[10, 'Costs & dates', ['Oslo: 400', 'Paris: 800'], [['Store', 'Date'], ['Oslo', '1 March']], ''],
	[1, 'Questions?', [], [], ''],
];

const words = (text) => `<a:p><a:r><a:t>${escaped(text)}</a:t></a:r></a:p>`;
const shape = (kind, lines) => `<p:sp><p:nvSpPr><p:nvPr><p:ph type="${kind}"/></p:nvPr></p:nvSpPr><p:txBody><a:bodyPr/>${lines.map(words).join('')}</p:txBody></p:sp>`;
const table = (rows) => `<p:graphicFrame><a:graphic><a:graphicData><a:tbl>${rows.map((cells) => `<a:tr>${cells.map((cell) =>
	`<a:tc><a:txBody>${words(cell)}</a:txBody></a:tc>`).join('')}</a:tr>`).join('')}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>`;
const tree = (element, inner) => xml(`<p:${element} ${NAMESPACES}><p:cSld><p:spTree>${inner}</p:spTree></p:cSld></p:${element}>`);
const slide = ([, title, lines, rows]) => tree('sld', shape('title', [title]) + (lines.length > 0 ? shape('body', lines) : '')
	+ (rows.length > 0 ? table(rows) : ''));

const presentation = (slides) => xml(`<p:presentation ${NAMESPACES}><p:sldIdLst>${slides.map((_, i) =>
	`<p:sldId id="${256 + i}" r:id="rId${i + 2}"/>`).join('')}</p:sldIdLst></p:presentation>`);

function partsOf(slides) {
	const noted = slides.filter(([, , , , notes]) => notes);
	return { 'ppt/presentation.xml': presentation(slides),
		'ppt/_rels/presentation.xml.rels': relations(slides.map(([n], i) => [`rId${i + 2}`, 'slide', `slides/slide${n}.xml`])),
		...Object.fromEntries(slides.map((one) => [`ppt/slides/slide${one[0]}.xml`, slide(one)])),
		...Object.fromEntries(noted.map(([n]) => [`ppt/slides/_rels/slide${n}.xml.rels`,
			relations([['rId1', 'notesSlide', `../notesSlides/notesSlide${n}.xml`]])])),
		...Object.fromEntries(noted.map(([n, , , , notes]) => [`ppt/notesSlides/notesSlide${n}.xml`, tree('notes', shape('body', [notes]))])) };
}

/* slides: as SLIDES. */
export function pptx(slides = SLIDES, options = {}) {
	const kind = 'presentationml';
	return zip(packaged({ title: 'Launch', main: 'ppt/presentation.xml',
		overrides: { 'ppt/presentation.xml': `${kind}.presentation.main`,
			...Object.fromEntries(slides.map(([n]) => [`ppt/slides/slide${n}.xml`, `${kind}.slide`])) },
		parts: partsOf(slides) }), options);
}
