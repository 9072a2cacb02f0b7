/*
 * The process that stays (run.mjs): one script after another, each as if it had been started.  The modules of
 * its own package are new ones each time, for they remember; those of other packages stay.  Its end is its
 * exit, or that it waits for nothing any more.
 */
import { registerHooks } from 'node:module';

const exit = process.exit.bind(process);
const EXITED = new Error('exited');
let running = false;
let programs = 0;
let own; /* what the addresses of its own package's modules look like */

registerHooks({ resolve(specifier, context, next) {
	const found = next(specifier, context);
	return own.test(found.url) ? { ...found, url: `${found.url}?${programs}` } : found;
} });

function end(code) {
	if (!running) return;
	running = false;
	process.channel.ref();
	process.send({ ended: code });
}

/* What it says behind its exit is not heard. */
for (const stream of ['stdout', 'stderr'])
	process[stream].write = (text, ...more) => {
		if (running) process.send({ stream, text: `${text}` });
		const written = more.find((each) => typeof each === 'function');
		if (written) process.nextTick(written);
		return true;
	};

/* Nothing may be done behind an exit, either. */
process.exit = (code = process.exitCode) => {
	end(code ?? 0);
	throw EXITED;
};
process.on('beforeExit', () => end(process.exitCode ?? 0));
process.on('uncaughtException', (error) => {
	if (error === EXITED) return;
	process.stderr.write(`${error.stack}\n`);
	end(1);
});
process.on('disconnect', () => exit());
process.on('message', ({ script, args, cwd, env }) => {
	for (const name of Object.keys(process.env))
		delete process.env[name];
	Object.assign(process.env, env);
	process.chdir(cwd);
	process.argv.splice(1, Infinity, script, ...args);
	process.exitCode = undefined;
	process.channel.unref();
	running = true;
	programs++;
	const [folder] = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(script);
	own = new RegExp(`^file://${RegExp.escape(folder)}/(?!node_modules/)`);
	import(script);
});
