/*
 * A deployment of this project's own package into a played Azure, which is served from its own first call on.
 */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { desk, packFolder } from '../azure_desk.mjs';
import { scriptRoot } from '../fixture.mjs';
import { servedWhenCalled } from './deployed.mjs';

/* The handler and its functions, as a package. */
function packageAt(path) {
	const root = scriptRoot();
	packFolder(root, path);
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
