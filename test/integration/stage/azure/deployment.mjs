/*
 * A deployment of this project's own package into a played Azure, which is served from its own first call on.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { desk } from '../azure_desk.mjs';
import { scriptRoot } from '../fixture.mjs';
import { servedWhenCalled } from './deployed.mjs';

/* The handler and its functions, as a package. */
function packageAt(path) {
	const root = scriptRoot();
	execFileSync('zip', ['-q', '-r', path, '.'], { cwd: root });
	rmSync(root, { recursive: true });
	return path;
}

/* A deployment, whose own calls begin what serves it: {azure, deployed (its words), live, deploy() (once more)}. */
export async function deployment(t, more, options) {
	const it = await desk(t, options);
	const serving = servedWhenCalled(it.azure);
	const settings = { PACKAGE: packageAt(it.file('package.zip')), ...more };
	const deployed = await it.deploy(settings);
	const live = await serving();
	t.after(() => live?.stop());
	assert.equal(deployed.status, 0, deployed.output + deployed.errors);
	return { ...it, deployed, live, deploy: () => it.deploy(settings) };
}
