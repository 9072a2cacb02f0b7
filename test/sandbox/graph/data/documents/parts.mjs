/* What the three kinds of Office file have in common: the parts that name the other parts. */
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

export const xml = (text) => HEAD + text;
export const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/* targets: [id, kind, target, mode]. */
export const relations = (targets) => xml(`<Relationships xmlns="${PACKAGE}/relationships">${targets.map(([id, kind, target, mode]) =>
	`<Relationship Id="${id}" Type="${kind.startsWith('http') ? kind : `${OFFICE}/${kind}`}" Target="${escaped(target)}"`
	+ `${mode ? ` TargetMode="${mode}"` : ''}/>`).join('')}</Relationships>`);

/* overrides: {part: content type below "vnd.openxmlformats-officedocument."}. */
const contentTypes = (overrides) => xml(`<Types xmlns="${PACKAGE}/content-types">`
	+ '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
	+ '<Default Extension="xml" ContentType="application/xml"/>'
	+ `${Object.entries(overrides).map(([part, kind]) =>
		`<Override PartName="/${part}" ContentType="application/vnd.openxmlformats-officedocument.${kind}+xml"/>`).join('')}</Types>`);

const core = (title) => xml(`<cp:coreProperties xmlns:cp="${PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">`
	+ `<dc:title>${escaped(title)}</dc:title><dc:creator>Priya Raman</dc:creator></cp:coreProperties>`);

/* The parts of a package around its main one, in the order of the Office programs. */
export const packaged = ({ title, main, overrides, parts }) => ({
	'[Content_Types].xml': contentTypes(overrides),
	'_rels/.rels': relations([['rId1', 'officeDocument', main],
		['rId2', `${PACKAGE}/relationships/metadata/core-properties`, 'docProps/core.xml']]),
	...parts,
	'docProps/core.xml': core(title),
});
