/*
 * A program of the deployment in a thread of this process, whose fetch asks the played Azure without the network: a process of its own
 * and TLS cost more than all that a deployment and the played Azure do.
 */
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';

/* As the proxy has it, named so that a mistake in the played Azure is never taken for Azure's. */
const answerOf = (azure, { address, body, ...asked }) => {
	const url = new URL(address);
	return azure.answer({ ...asked, host: url.host, url, body: Buffer.from(body ?? '') })
		.catch((error) => ({ status: 500, headers: {}, body: `The sandbox failed: ${error.stack}` }));
};

/* {status, output, errors} of a program (a path), as run() gives them. */
export async function runThread(azure, program, args, env) {
	const { NODE_USE_ENV_PROXY: _, ...mine } = env;
	const worker = new Worker(new URL('thread_program.mjs', import.meta.url), { argv: args, env: mine, workerData: program, stdout: true, stderr: true });
	worker.on('message', async ({ reply, ...asked }) => reply.postMessage(await answerOf(azure, asked)));
	const [output, errors, [status]] = await Promise.all([text(worker.stdout), text(worker.stderr), once(worker, 'exit')]);
	return { status, output, errors };
}
