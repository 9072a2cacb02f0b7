/* A Word document: headings, runs that split words, lists, a table, a link, a tracked change, a footnote and a comment. */
import { escaped, packaged, relations, xml } from './parts.mjs';
import { zip } from './zip.mjs';

const NAMESPACES = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
	+ 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"';
const NOTED = 'http://contoso.example/budget?a=1&b=2';

const run = (text, style = '') => `<w:r>${style && `<w:rPr>${style}</w:rPr>`}<w:t xml:space="preserve">${escaped(text)}</w:t></w:r>`;
export const paragraph = (inner, style = '') => `<w:p>${style && `<w:pPr>${style}</w:pPr>`}${inner}</w:p>`;
export const heading = (level, text) => paragraph(run(text), `<w:pStyle w:val="Heading${level}"/>`);
const item = (text, level = 0) => paragraph(run(text),
	`<w:pStyle w:val="ListParagraph"/><w:numPr><w:ilvl w:val="${level}"/><w:numId w:val="1"/></w:numPr>`);
const table = (rows) => `<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/></w:tblPr><w:tblGrid/>${rows.map((cells) =>
	`<w:tr>${cells.map((cell) => `<w:tc><w:tcPr/>${paragraph(run(cell))}</w:tc>`).join('')}</w:tr>`).join('')}</w:tbl>`;

const BODY = [
	heading(1, 'Lighthouse: minutes'),
	paragraph(run('The bud') + run('get', '<w:b/>') + run(' stands at 1 200 € & is final.')),
	heading(2, 'Decisions'),
	item('Open three stores'), item('Oslo first', 1), item('Ask the supplier'),
	paragraph(`${run('We meet on ')}<w:del w:id="1" w:author="Mei"><w:r><w:delText>Monday</w:delText></w:r></w:del>`
		+ `<w:ins w:id="2" w:author="Mei">${run('Tuesday')}</w:ins>${run('.')}`),
	table([['Store', 'Cost'], ['Oslo', '400'], ['Café | Paris', '800']]),
	paragraph(`${run('See ')}<w:hyperlink r:id="rId9">${run('the plan')}</w:hyperlink>${run(' first')}`
		+ '<w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t>one</w:t><w:tab/><w:t>two</w:t><w:br/><w:t>three</w:t></w:r>'),
];

export const wordDocument = (inner) => xml(`<w:document ${NAMESPACES}><w:body>${inner}<w:sectPr/></w:body></w:document>`);
const footnotes = xml(`<w:footnotes ${NAMESPACES}><w:footnote w:type="separator" w:id="0">${paragraph('<w:r><w:separator/></w:r>')}</w:footnote>`
	+ `<w:footnote w:id="2">${paragraph(run('Prices of November.'))}</w:footnote></w:footnotes>`);
const comments = xml(`<w:comments ${NAMESPACES}><w:comment w:id="0" w:author="Ingrid">${paragraph(run('Please check the sum.'))}</w:comment></w:comments>`);
const styles = xml(`<w:styles ${NAMESPACES}>${[1, 2].map((level) => `<w:style w:type="paragraph" w:styleId="Heading${level}">`
	+ `<w:name w:val="heading ${level}"/><w:pPr><w:outlineLvl w:val="${level - 1}"/></w:pPr></w:style>`).join('')}</w:styles>`);
const numbering = xml(`<w:numbering ${NAMESPACES}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl>`
	+ '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>');

/* inner: what the body holds. */
export function docx(inner = BODY.join(''), options = {}) {
	const kind = 'wordprocessingml';
	return zip(packaged({ title: 'Lighthouse: minutes', main: 'word/document.xml',
		overrides: { 'word/document.xml': `${kind}.document.main`, 'word/styles.xml': `${kind}.styles`, 'word/numbering.xml': `${kind}.numbering`,
			'word/footnotes.xml': `${kind}.footnotes`, 'word/comments.xml': `${kind}.comments` },
		parts: { 'word/document.xml': wordDocument(inner),
			'word/_rels/document.xml.rels': relations([['rId1', 'styles', 'styles.xml'], ['rId2', 'numbering', 'numbering.xml'],
				['rId3', 'footnotes', 'footnotes.xml'], ['rId4', 'comments', 'comments.xml'], ['rId9', 'hyperlink', NOTED, 'External']]),
			'word/footnotes.xml': footnotes, 'word/comments.xml': comments, 'word/styles.xml': styles, 'word/numbering.xml': numbering } }), options);
}
