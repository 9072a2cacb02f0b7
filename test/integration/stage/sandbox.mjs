/* What the tests of the sandbox's own services stand on. */
import { after, beforeEach } from 'node:test';
import { SandboxClient } from '../../sandbox/common/sandbox_client.mjs';

/* For the tests of one file, each of which finds it as if it had just begun. */
export async function freshSandbox() {
	const sandbox = await SandboxClient.start();
	after(() => sandbox.close());
	beforeEach(() => sandbox.reset());
	return sandbox;
}
