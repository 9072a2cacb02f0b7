/* The small az in the thread (thread.mjs), in the place of the process that a program there would start. */
import child from 'node:child_process';
import { EventEmitter } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import { PassThrough } from 'node:stream';
import { called } from '../../../sandbox/azure/az/commands.mjs';

const { spawn } = child;

/* What spawn() gives, as far as a program of the deployment looks at it. */
function startAz(args) {
	const az = Object.assign(new EventEmitter(), { stdout: new PassThrough(), stderr: new PassThrough() });
	called(process.cwd(), ...args).then(({ status, output, errors }) => {
		az.stdout.end(output);
		az.stderr.end(errors);
		az.emit('close', status);
	});
	return az;
}

child.spawn = (command, args, options) => (command === 'az' ? startAz(args) : spawn(command, args, options));
syncBuiltinESMExports();
