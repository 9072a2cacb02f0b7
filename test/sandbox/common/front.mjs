/*
 * What stands before a service on the network: its address stays, and what becomes of a connection to it
 * is changed at will.
 */
import { once } from 'node:events';
import net from 'node:net';

/* What to do with a connection. */
export const to = (port) => (client) => {
	const onward = net.connect(port, '127.0.0.1');
	client.once('close', () => onward.destroy());
	onward.on('error', () => {}).once('close', () => client.destroy());
	client.pipe(onward).pipe(client);
};
export const toNowhere = (client) => client.resume();
export const resetting = (client) => client.resetAndDestroy();
export const closing = (client) => client.destroy();

export async function startFront(treat, host = '127.0.0.1', at = 0) {
	const clients = new Set();
	const front = { treat, connections: 0 };
	const server = net.createServer((client) => {
		front.connections++;
		clients.add(client);
		client.on('error', () => {}).once('close', () => clients.delete(client));
		front.treat(client);
	});
	const drop = () => clients.forEach((client) => client.destroy());
	server.listen(at, host);
	await once(server, 'listening');
	const { port } = server.address();
	return Object.assign(front, { port,
		/* From now on; the connections that there are end. */
		change(other) {
			front.treat = other;
			front.connections = 0;
			drop();
		},
		/* Connections are refused until open(). */
		async shut() {
			drop();
			server.close();
			await once(server, 'close');
		},
		async open() {
			if (server.listening)
				return;
			server.listen(port, host);
			await once(server, 'listening');
		},
		stop() {
			drop();
			server.close();
		} });
}
