/*
 * Which function answers a URL, as the host's double decides it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileRoute, decodePath, matchRoute } from '../../sandbox/host/routes.mjs';

const route = (template, methods = null) => ({ methods, route: compileRoute('api', template) });

test('literals beat parameters beat catch-alls, in any case, slash or not', () => {
	const [all, one, exact] = [route('{*path}'), route('a/{id?}'), route('a/b')];
	const found = (path) => matchRoute([all, one, exact], path, 'GET');
	assert.equal(found('/API/A/B/').fn, exact);
	assert.deepEqual(found('/api/a/c'), { fn: one, params: { id: 'c' } });
	assert.deepEqual(found('/api/a'), { fn: one, params: { id: null } });
	assert.deepEqual(found('/api/x/y'), { fn: all, params: { path: 'x/y' } });
	assert.equal(found('/other'), null);
	assert.equal(matchRoute([route('n/{id:int}')], '/api/n/x', 'GET'), null);
	assert.equal(matchRoute([route('n', ['POST'])], '/api/n', 'GET'), null);
});

test('the path is decoded but for %2F, dots collapse', () => {
	assert.equal(decodePath('/a%20b/%2e%2E/c%2Fd/%C3%A9/%ff/.'), '/c%2Fd/é/%ff/');
});

test('a regex constraint admits the whole value or nothing, also of what is optional', () => {
	const fn = route('w/{name:regex(^(one|t-wo)$)}/{a:regex(^[a-z]+$)?}/{b:regex(^[a-z]+$)?}');
	const params = (path) => matchRoute([fn], `/api/w/${path}`, 'GET')?.params;
	assert.deepEqual(params('T-WO'), { name: 't-wo'.toUpperCase(), a: null, b: null });
	assert.deepEqual(params('one/x/y/'), { name: 'one', a: 'x', b: 'y' });
	for (const path of ['', 'three', 'onex', 'one/1', 'one/x/..', 'one/x\\y', 'one/x/y/z'])
		assert.equal(params(path), undefined, path);
});
