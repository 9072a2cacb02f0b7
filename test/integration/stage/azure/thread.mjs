/*
 * A program of the deployment in a thread of this process, whose fetch asks the played Azure without the network and whose az is there
 * with it: processes and TLS cost more than all that a deployment and the played Azure do.  The thread stays for the next program: to start
 * another and to load the modules again costs more than a deployment that changes nothing.
 */
import { Worker } from 'node:worker_threads';

/* As the proxy has it, named so that a mistake in the played Azure is never taken for Azure's. */
const answerOf = (azure, { address, body, ...asked }) => {
	const url = new URL(address);
	return azure.answer({ ...asked, host: url.host, url, body: Buffer.from(body ?? '') })
		.catch((error) => ({ status: 500, headers: {}, body: `The sandbox failed: ${error.stack}` }));
};

const idle = [];

/* {status, output, errors} of a program (a path), as run() gives them. */
export async function runThread(azure, program, args, env) {
	const { NODE_USE_ENV_PROXY: _, ...mine } = env;
	const worker = idle.pop() ?? new Worker(new URL('thread_program.mjs', import.meta.url), { env: {} });
	worker.ref();
	const result = await new Promise((resolve, reject) => {
		const asked = async ({ ended, id, ...question }) => {
			if (!ended) return worker.postMessage({ id, answer: await answerOf(azure, question) });
			worker.off('message', asked).off('error', reject);
			return resolve(ended);
		};
		worker.on('message', asked).on('error', reject).postMessage({ program, args, env: mine });
	});
	worker.unref();
	idle.push(worker);
	return result;
}
