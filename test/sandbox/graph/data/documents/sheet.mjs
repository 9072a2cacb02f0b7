/* An Excel workbook: shared, inline and computed texts, numbers, truths, dates by their style, gaps, an error and a hidden sheet. */
import { escaped, packaged, relations, xml } from './parts.mjs';
import { zip } from './zip.mjs';

const NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
	+ 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"';
const SHARED = ['Store', 'Cost', 'Open', 'Since', 'Oslo', 'Café <Paris>', ' two\nlines '];
const DATE = 1;	/* the style of a date */
const MOMENT = 2;	/* and of one with a time, by a format of the file's own */

/* Each sheet: name, whether hidden, rows as [number, cells]. */
const text = (at, index) => `<c r="${at}" t="s"><v>${index}</v></c>`;
const number = (at, value, style) => `<c r="${at}"${style ? ` s="${style}"` : ''}><v>${value}</v></c>`;
const SHEETS = [
	['Stores', '', [[1, [text('A1', 0), text('B1', 1), text('C1', 2), text('D1', 3)]],
		[2, [text('A2', 4), number('B2', '400.5'), '<c r="C2" t="b"><v>1</v></c>', number('D2', 46023, DATE)]],
		[3, [text('A3', 5), '<c r="B3"><f>B2*2</f><v>801</v></c>', '<c r="C3" t="b"><v>0</v></c>', number('D3', '46023.75', MOMENT)]],
		[5, ['<c r="A5" t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r></is></c>', text('D5', 6)]]]],
	['Totals & more', '', [[1, ['<c r="A1" t="str"><f>CONCAT("a","b")</f><v>ab</v></c>', '<c r="B1" t="e"><v>#DIV/0!</v></c>',
		number('C1', '1E-3')]]]],
	['Secret', 'hidden', [[1, [text('A1', 4)]]]],
];

export const worksheet = (rows) => xml(`<worksheet ${NAMESPACE}><sheetData>${rows.map(([n, cells]) =>
	`<row r="${n}">${cells.join('')}</row>`).join('')}</sheetData></worksheet>`);
const workbook = (sheets) => xml(`<workbook ${NAMESPACE}><workbookPr/><sheets>${sheets.map(([name, state], i) =>
	`<sheet name="${escaped(name)}" sheetId="${i + 1}"${state && ` state="${state}"`} r:id="rId${i + 1}"/>`).join('')}</sheets></workbook>`);
const strings = xml(`<sst ${NAMESPACE} count="8" uniqueCount="${SHARED.length}">${SHARED.map((one) =>
	`<si><t xml:space="preserve">${escaped(one)}</t></si>`).join('')}</sst>`);
const styles = xml(`<styleSheet ${NAMESPACE}><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>`
	+ '<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>');

/* sheets: as SHEETS. */
export function xlsx(sheets = SHEETS, options = {}) {
	const kind = 'spreadsheetml';
	const files = sheets.map((_, i) => `worksheets/sheet${i + 1}.xml`);
	return zip(packaged({ title: 'Budget', main: 'xl/workbook.xml',
		overrides: { 'xl/workbook.xml': `${kind}.sheet.main`, 'xl/styles.xml': `${kind}.styles`, 'xl/sharedStrings.xml': `${kind}.sharedStrings`,
			...Object.fromEntries(files.map((file) => [`xl/${file}`, `${kind}.worksheet`])) },
		parts: { 'xl/workbook.xml': workbook(sheets),
			'xl/_rels/workbook.xml.rels': relations([...files.map((file, i) => [`rId${i + 1}`, 'worksheet', file]),
				[`rId${files.length + 1}`, 'styles', 'styles.xml'], [`rId${files.length + 2}`, 'sharedStrings', 'sharedStrings.xml']]),
			...Object.fromEntries(files.map((file, i) => [`xl/${file}`, worksheet(sheets[i][2])])),
			'xl/styles.xml': styles, 'xl/sharedStrings.xml': strings } }), options);
}
