/*
 * A name server for tests: answers A questions about the names it is given, and says of all else
 * that there is no such record (RFC 1035 §4.1).
 */
import dgram from 'node:dgram';
import { once } from 'node:events';

const A = 1;

/* {name, type, end} of the one question in a query. */
function question(query) {
	const labels = [];
	let at = 12;
	for (; query[at] > 0; at += query[at] + 1)
		labels.push(query.toString('latin1', at + 1, at + 1 + query[at]));
	return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function answer(query, addresses, asked) {
	const { name, type, end } = question(query);
	asked.push(name);
	const address = type === A ? addresses[name] : undefined;
	const head = Buffer.from([query[0], query[1], 0x81, 0x80, 0, 1, 0, address ? 1 : 0, 0, 0, 0, 0]);
	const record = address
		? [0xc0, 12, 0, A, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)] : [];
	return Buffer.concat([head, query.subarray(12, end), Buffer.from(record)]);
}

/* addresses: {name: IPv4}.  Gives {asked (names, as they come), stop()}. */
export async function startNames(host, addresses) {
	const socket = dgram.createSocket('udp4');
	const asked = [];
	socket.on('message', (query, { port, address }) =>
		socket.send(answer(query, addresses, asked), port, address));
	socket.bind(53, host);
	await once(socket, 'listening');
	return { asked, stop: () => new Promise((resolve) => { socket.close(resolve); }) };
}
