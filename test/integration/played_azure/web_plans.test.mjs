/*
 * The plans of function apps in the played Azure.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { consumptionPlan, flexPlan, refusedByWeb, withStorage } from '../stage/azure_app.mjs';

test('a plan goes on after its 202 and is no home for an app before it is done', async (t) => {
	const { ask, web, flexSite } = await withStorage(t, { slowStates: 2 });
	const answer = await web('PUT', 'serverfarms/plan-1', flexPlan());
	assert.equal(answer.status, 202);
	assert.equal(answer.body.properties.provisioningState, 'InProgress');
	refusedByWeb(await web('PUT', 'sites/app-1', flexSite()), 409, /another operation is in progress/);
	assert.equal((await ask('GET', answer.headers.location)).status, 202);
	const done = await ask('GET', answer.headers.location);
	assert.deepEqual([done.status, done.body.properties.provisioningState, done.body.sku.tier], [200, 'Succeeded', 'FlexConsumption']);
});

test('whoever asks for the plan itself finds it done after a while', async (t) => {
	const { web } = await withStorage(t, { slowStates: 1 });
	await web('PUT', 'serverfarms/plan-1', flexPlan());
	const states = [await web('GET', 'serverfarms/plan-1'), await web('GET', 'serverfarms/plan-1')].map(({ body }) => body.properties.provisioningState);
	assert.deepEqual(states, ['InProgress', 'Succeeded']);
});

test('what is no plan is refused', async (t) => {
	const { web } = await withStorage(t);
	for (const [more, words] of [[{ properties: {} }, /reserved/], [{ sku: { name: 'FC1', tier: 'Dynamic' } }, /of the tier FlexConsumption/],
		[{ sku: { name: 'EP1' } }, /SKU EP1/],
		[{ location: 'chinanorth3' }, /not supported in region/], [{ location: 'atlantis' }, /not supported in region/]])
		refusedByWeb(await web('PUT', 'serverfarms/plan-1', flexPlan(more)), 400, words);
	const unknown = await web('PUT', 'serverfarms/plan-1', flexPlan({ colour: 'blue' }));
	assert.deepEqual([unknown.status, unknown.body.error.code], [400, 'InvalidRequestContent']);
	assert.equal((await web('PUT', 'serverfarms/plan-1', flexPlan(), '2016-08-01')).body.error.code, 'NoRegisteredProviderFound');
});

test('a plan keeps its region and its kind', async (t) => {
	const { web, must } = await withStorage(t);
	await must('PUT', 'serverfarms/plan-1', flexPlan());
	refusedByWeb(await web('PUT', 'serverfarms/plan-1', flexPlan({ location: 'northeurope' })), 409, /cannot be moved/);
	refusedByWeb(await web('PUT', 'serverfarms/plan-1', consumptionPlan()), 409, /cannot become/);
	assert.equal((await must('PUT', 'serverfarms/plan-1', flexPlan({ location: 'West Europe' }))).status, 200);
});

test('a plan with an app stays; the last app takes its plan along unless it is told not to', async (t) => {
	const { web, must, app, flexSite } = await withStorage(t);
	await app();
	refusedByWeb(await web('DELETE', 'serverfarms/plan-1'), 409, /has web app\(s\) app-1 assigned/);
	await must('DELETE', 'sites/app-1?deleteEmptyServerFarm=false');
	assert.equal((await web('GET', 'serverfarms/plan-1')).body.properties.numberOfSites, 0);
	await must('PUT', 'sites/app-1', flexSite());
	await must('DELETE', 'sites/app-1');
	assert.equal((await web('GET', 'serverfarms/plan-1')).status, 404);
	assert.equal((await web('DELETE', 'serverfarms/plan-1')).status, 204);
});

test('a Flex Consumption plan has room for one app', async (t) => {
	const { web, app, flexSite } = await withStorage(t);
	await app();
	refusedByWeb(await web('PUT', 'sites/app-2', flexSite()), 409, /room for one site/);
});
