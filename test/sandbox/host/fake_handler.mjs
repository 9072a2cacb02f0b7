/*
 * A handler that does as it is told, for testing the host double itself.  Written on bare sockets
 * so that the bytes the host sent can be given back, and so that it can break every rule of HTTP.
 * Each connection and each request leaves a line on stdout.
 *
 * The last path segment (or, in payload mode, the route parameter "rest") names what to do.
 */
import net from 'node:net';

const port = Number(process.env.FUNCTIONS_CUSTOMHANDLER_PORT);
const start = process.env.FAKE_START ?? 'listen';

let connections = 0;

const starts = {
	listen: () => listen(),
	exit0: () => process.exit(0),
	exit3: () => { console.error('no luck'); process.exitCode = 3; },
	deaf: () => setInterval(() => {}, 1000),
	garbage: () => net.createServer((socket) => socket.end('what?\r\n\r\n')).listen(port),
};

const tasks = {
	raw: ({ socket, text }) => answer(socket, 200, text,
		['X-Fake: a', 'X-Fake: b', `X-Connection: ${socket.number}`]),
	eof: ({ socket }) => socket.end(),
	reset: ({ socket }) => socket.resetAndDestroy(),
	garbage: ({ socket }) => socket.end('garbage\r\n\r\n'),
	short: ({ socket }) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345'),
	broken: ({ socket }) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
		+ '3\r\none\r\n'),
	teapot: ({ socket }) => answer(socket, 418, 'short and stout', ['Location: /x']),
	hang: () => {},
	crash: () => process.kill(process.pid, 'SIGSEGV'),
	exit200: () => process.exit(200),
	exit0: () => process.exit(0),
	stream: ({ socket }) => stream(socket),
	headers: ({ socket }) => socket.write('HTTP/1.1 200 OK\r\n'
		+ 'Transfer-Encoding: chunked\r\n\r\n'),
	redirect: ({ socket }) => socket.write('HTTP/1.1 302 Found\r\nLocation: /told\r\n'
		+ 'Content-Length: 0\r\n\r\n'),
	told: ({ socket, body }) => {
		const { status = 200, type = 'application/json', content } = JSON.parse(body);
		answer(socket, status, content, [`Content-Type: ${type}`]);
	},
	envelope: ({ socket, text }) => answer(socket, 200, wrapped(text),
		['Content-Type: application/json']),
	landed: ({ socket, text }) => answer(socket, 200, wrapped(text),
		['Content-Type: text/json']),
};

process.on('SIGUSR2', () => console.log('went on'));
console.log(`env ${JSON.stringify({ env: process.env, cwd: process.cwd() })}`);
starts[start]();

function listen() {
	net.createServer((socket) => {
		socket.number = ++connections;
		console.log('connection');
		let text = '';
		socket.on('error', () => {});
		socket.on('close', () => console.log('closed'));
		socket.on('data', (chunk) => {
			if (socket.refused) console.log('late body');
			text += chunk.toString('latin1');
			const request = complete(text, socket);
			if (request === null) return;
			text = '';
			handle({ socket, ...request });
		});
	}).listen(port, '127.0.0.1');
}

/* The request when it is all there.  Expect is answered with 100 unless told to be silent. */
function complete(text, socket) {
	const end = text.indexOf('\r\n\r\n');
	if (end < 0) return null;
	const [head, body] = [text.slice(0, end), text.slice(end + 4)];
	const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
	const chunked = /^transfer-encoding: *chunked/im.test(head);
	const whole = chunked ? body.endsWith('0\r\n\r\n') : body.length >= length;
	if (!whole && body === '' && /^expect:/im.test(head)) {
		console.log('expect');
		socket.refused = head.includes('/refuse');
		if (socket.refused) return { text, body: '', path: '/teapot' };
		if (!head.includes('/silent')) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
	}
	if (!whole) return null;
	const plain = chunked ? dechunk(body) : body;
	return { text, body: plain, path: text.split(' ')[1].split('?')[0] };
}

function dechunk(body) {
	let rest = body;
	let out = '';
	for (;;) {
		const size = parseInt(rest, 16);
		if (!size) return out;
		const from = rest.indexOf('\r\n') + 2;
		out += rest.slice(from, from + size);
		rest = rest.slice(from + size + 2);
	}
}

function handle(request) {
	console.log(`request ${JSON.stringify(request.text)}`);
	if (request.path === '/') return answer(request.socket, 404, 'nobody home', []);
	if (request.path === '/told') return tasks.landed(request);
	const data = request.body.startsWith('{"Data"') ? JSON.parse(request.body).Data.req : null;
	if (data) return tasks[data.Params.rest]({ ...request, body: data.Body });
	return (tasks[request.path.split('/').pop()] ?? tasks.raw)(request);
}

function wrapped(text) {
	return JSON.stringify({ Outputs: { res: { body: text } } });
}

function answer(socket, status, text, headers) {
	const bytes = Buffer.from(text, 'latin1');
	const head = [`HTTP/1.1 ${status} As Told`, ...headers, `Content-Length: ${bytes.length}`];
	socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]));
}

/* Head at once; then one piece and the end, each when SIGUSR2 says so. */
function stream(socket) {
	socket.write('HTTP/1.1 200 OK\r\nX-Head: 1\r\nKeep-Alive: timeout=9\r\n'
		+ `X-Connection: ${socket.number}\r\n`
		+ 'Transfer-Encoding: chunked\r\n\r\n');
	const steps = ['3\r\none\r\n', '3\r\ntwo\r\n0\r\n\r\n'];
	const take = () => {
		socket.write(steps.shift());
		if (steps.length === 0) process.off('SIGUSR2', take);
	};
	process.on('SIGUSR2', take);
}
