/*
 * A deployment of this project's own package into a played Azure, which is served from its own first call on.
 */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { desk, packFolder } from '../azure_desk.mjs';
import { scriptRoot } from '../fixture.mjs';
import { servedWhenCalled } from './deployed.mjs';

let packed;

/* The handler and its functions, as a package, which is the same for all. */
function packageAt(path) {
	if (packed) return writeFileSync(path, packed);
	const root = scriptRoot();
	packFolder(root, path);
	rmSync(root, { recursive: true });
	packed = readFileSync(path);
}

/* A deployment, whose own calls begin what serves it: {azure, deployed (its words), live, deploy() (once more)}. */
export async function deployment(t, more, options) {
	const it = await desk(t, options);
	const serving = servedWhenCalled(it.azure);
	const settings = { PACKAGE: it.file('package.zip'), ...more };
	packageAt(settings.PACKAGE);
	const deployed = await it.deploy(settings);
	const live = await serving();
	t.after(() => live?.stop());
	assert.equal(deployed.status, 0, deployed.output + deployed.errors);
	return { ...it, deployed, live, deploy: () => it.deploy(settings) };
}
