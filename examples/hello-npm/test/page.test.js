import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeHtml, renderPage } from '../src/page.js';

const release = { version: 'a1b2c3d', builtAt: '2026-01-31T12:00:00.000Z' };

test('the page greets', () => {
  assert.match(renderPage(release), /<h1>.*Hello/);
});

test('the page says which version answers', () => {
  assert.match(renderPage(release), /a1b2c3d/);
});

test('what is shown can not become markup', () => {
  assert.equal(escapeHtml('<b title="x">&'), '&lt;b title=&quot;x&quot;&gt;&amp;');
  assert.doesNotMatch(renderPage({ ...release, version: '<script>' }), /<script>/);
});
