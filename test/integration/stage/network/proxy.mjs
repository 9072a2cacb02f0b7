/* A proxy that joins whom it is asked to join (RFC 9110 §9.3.6), unless a test refuses, and ends what it has joined on order. */
import { once } from 'node:events';
import https from 'node:https';
import net from 'node:net';
import http from '../../../sandbox/common/http.mjs';
import { sandboxCertificate } from '../../../sandbox/common/tls.mjs';

export async function startProxy(scheme) {
	const server = scheme === 'https' ? https.createServer(await sandboxCertificate()) : http.createServer();
	const tunnels = new Set();
	const proxy = { refuses: false, cut: () => tunnels.forEach((tunnel) => tunnel.destroy()), stop: () => server.close() };
	server.on('connect', ({ url }, client) => {
		if (proxy.refuses)
			return client.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n');
		const [host, port] = url.split(':');
		const upstream = net.connect(port, host, () => {
			client.write('HTTP/1.1 200 OK\r\n\r\n');
			client.pipe(upstream).pipe(client);
		});
		tunnels.add(client);
		for (const [one, other] of [[client, upstream], [upstream, client]]) {
			one.on('error', () => {});
			one.on('close', () => tunnels.delete(client) && other.destroy());
		}
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return Object.assign(proxy, { url: `${scheme}://127.0.0.1:${server.address().port}` });
}
