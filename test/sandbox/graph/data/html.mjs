/* Text of HTML as Exchange makes it, near enough: what the sandbox's own bodies hold. */
const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: '\u00a0', rsquo: '’', ndash: '–', euro: '€' };

const entity = (whole, name) => {
	if (name[0] === '#')
		return String.fromCodePoint(name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1)));
	return ENTITIES[name] ?? whole;
};

export function textOf(html) {
	return html.replace(/<(style|script|head)[\s\S]*?<\/\1>/gi, '').replace(/<(br|\/p|\/div|\/li|\/tr|\/h\d)\b[^>]*>/gi, '\r\n')
		.replace(/<!--[\s\S]*?-->|<[^>]*>/g, '').replace(/&(#x?\w+|\w+);/g, entity).replace(/(\r\n\s*){3,}/g, '\r\n\r\n').trim();
}

export const page = (inner) => '<html><head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8"><style>p {margin:0}</style></head>'
	+ `<body dir="ltr">${inner}</body></html>`;
