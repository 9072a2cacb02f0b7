/* The small az as a program that is run for one call, in a thread (thread.mjs). */
import { called } from '../../../sandbox/azure/az/commands.mjs';

const { status, output, errors } = await called(process.cwd(), ...process.argv.slice(2));
process.stdout.write(output);
process.stderr.write(errors);
process.exitCode = status;
