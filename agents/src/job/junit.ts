import type { TestCaseResult } from '@slipway/protocol';
import { shorten } from '@slipway/protocol';
import { XMLParser, XMLValidator } from 'fast-xml-parser';

const MAX_OUTPUT_BYTES = 64 * 1024;
const MAX_MESSAGE_CHARACTERS = 4_000;
const MAX_NAME_CHARACTERS = 1_000;

type Node = { [name: string]: unknown };

/** Attributes are told from elements by `@`; these elements repeat. Entities beyond XML's own are not resolved, so a file can't grow by them. */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: true,
  htmlEntities: false,
  isArray: (name) => ['testsuite', 'testcase', 'failure', 'error', 'skipped', 'system-out', 'system-err'].includes(name),
});

/**
 * Test cases of a JUnit XML file, as Maven, Gradle, Vitest, Jest, Mocha, pytest and others write it: suites may nest, or be missing.
 * https://github.com/testmoapp/junitxml describes what is about.
 * @throws Error saying what is wrong with the file
 */
export function parseJunit(xml: string): TestCaseResult[] {
  const validity = XMLValidator.validate(xml);
  if (validity !== true) throw new Error(`line ${validity.err.line}: ${validity.err.msg}`);
  const root = parser.parse(xml) as Node;
  const suites = [...list(node(root.testsuites)?.testsuite), ...list(root.testsuite)];
  if (suites.length === 0 && root.testsuites === undefined) throw new Error('it has no <testsuites> and no <testsuite>');
  return [
    ...suites.flatMap((suite) => casesOf(suite, '', null)),
    ...list(node(root.testsuites)?.testcase).map((each) => caseOf(each, '', null)),
  ];
}

function casesOf(suite: Node, parent: string, parentFile: string | null): TestCaseResult[] {
  const name = text(suite['@name']) || parent;
  const file = text(suite['@file']) || parentFile;
  const own = list(suite.testcase).map((each) => caseOf(each, name, file));
  return [...own, ...list(suite.testsuite).flatMap((each) => casesOf(each, name, file))];
}

function caseOf(each: Node, suite: string, suiteFile: string | null): TestCaseResult {
  const problems = [...list(each.failure), ...list(each.error)];
  const skipped = list(each.skipped);
  const [first] = problems.length > 0 ? problems : skipped;
  return {
    suite: shorten(text(each['@classname']) || suite, MAX_NAME_CHARACTERS),
    name: shorten(text(each['@name']) || '(no name)', MAX_NAME_CHARACTERS),
    file: text(each['@file']) || suiteFile,
    state: problems.length > 0 ? 'failed' : skipped.length > 0 ? 'skipped' : 'passed',
    durationMs: durationMs(each['@time']),
    message: first ? shorten(text(first['@message']) || content(first).split('\n')[0] || '', MAX_MESSAGE_CHARACTERS) || null : null,
    output: problems.length > 0 ? outputOf(each, problems) : null,
  };
}

/** What helps to understand a failure: its stack, then what the test printed. */
function outputOf(each: Node, problems: Node[]): string | null {
  const printed = [...list(each['system-out']), ...list(each['system-err'])];
  const all = [...problems, ...printed].map(content).filter(Boolean).join('\n\n');
  const bytes = Buffer.from(all);
  if (bytes.length === 0) return null;
  return bytes.length <= MAX_OUTPUT_BYTES ? all : new TextDecoder().decode(bytes.subarray(0, MAX_OUTPUT_BYTES - 4));
}

/** Seconds; some tools write thousands separators. */
function durationMs(time: unknown): number | null {
  const seconds = Number(text(time).replaceAll(',', ''));
  return text(time) !== '' && Number.isFinite(seconds) && seconds >= 0 ? Math.round(seconds * 1000) : null;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const node = (value: unknown): Node | undefined => (typeof value === 'object' && value !== null ? (value as Node) : undefined);

/** An element without attributes is a plain string to the parser. */
function list(value: unknown): Node[] {
  const all = Array.isArray(value) ? value : value === undefined || value === '' ? [] : [value];
  return all.map((each) => (typeof each === 'string' ? { '#text': each } : (each as Node)));
}

const content = (value: Node): string => text(value['#text']).trim();
