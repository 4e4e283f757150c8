import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as ast from 'typescript/unstable/ast';
import { API, TypeFlags } from 'typescript/unstable/sync';

/** @typedef {import('typescript/unstable/ast').Node} Node */
/** @typedef {import('typescript/unstable/ast').CallExpression} CallExpression */
/** @typedef {import('typescript/unstable/sync').Checker} Checker */

const PROJECTS = ['protocol', 'server', 'agents', 'router', 'web', 'scripts'];
const OURS = /^(?!.*(?:node_modules|\/testing\/|\/generated\/|\.test\.|\.d\.)).*$/;
/** The two places that may. */
const CUTTERS = /\/(protocol\/src\/text|web\/src\/ui\/shorten)\.ts$/;
const CUTTING = new Set(['slice', 'substring', 'substr']);

const CUT =
  'cuts a text at a count of UTF-16 units, which leaves half a character where an emoji stands. Use shorten() or endOf() of @slipway/protocol, or shorten() of the page.';
const BYTES = 'makes text of bytes that are cut at a count, and so perhaps inside a character. Use a TextDecoder with {stream: true}.';
const JSONB = 'gives Postgres JSON that it may refuse: NUL and half a character. Use jsonb() of platform/storable.ts.';

/** Text is cut between characters alone, and Postgres is given none that it refuses. @param {string} root */
export function textRules(root) {
  const projects = PROJECTS.filter((project) => existsSync(join(root, project, 'tsconfig.json')));
  const api = new API({ cwd: root });
  try {
    const found = projects.map((project) => faultsOf(api, root, join(root, project, 'tsconfig.json')));
    if (found.reduce((sum, { calls }) => sum + calls, 0) === 0) throw new Error('Not one call was read: the compiler has nothing to say.');
    const faults = [...new Set(found.flatMap((each) => each.faults))];
    if (faults.length > 0) throw new Error(faults.join('\n'));
  } finally {
    api.close();
  }
}

/** @param {API} api @param {string} root @param {string} config */
function faultsOf(api, root, config) {
  const project = api.updateSnapshot({ openProject: config }).getProject(config);
  if (!project) throw new Error(`${config} could not be read.`);
  /** @type {string[]} */
  const faults = [];
  let calls = 0;
  for (const file of project.program.getSourceFileNames().filter((name) => name.startsWith(root) && OURS.test(name))) {
    const source = project.program.getSourceFile(file);
    if (!source) continue;
    /** @param {Node} node */
    const visit = (node) => {
      if (ast.isCallExpression(node)) {
        calls++;
        const fault = faultOf(node, project.checker, file);
        if (fault) faults.push(`${relative(root, file)}:${lineOf(source.text, node)}: ${inOneLine(node)} ${fault}`);
      }
      node.forEachChild(visit);
    };
    visit(source);
  }
  return { calls, faults };
}

/** @param {string} text @param {Node} node */
const lineOf = (text, node) => text.slice(0, node.getStart()).split('\n').length;

/** @param {Node} node */
const inOneLine = (node) => node.getText().replace(/\s+/g, ' ');

/** @param {CallExpression} call @param {Checker} checker @param {string} file */
function faultOf(call, checker, file) {
  const { expression: callee } = call;
  if (!ast.isPropertyAccessExpression(callee)) return null;
  const { text: method } = callee.name;
  if (CUTTING.has(method) && cutsAtCount(call) && isText(checker, callee.expression)) return CUTTERS.test(file) ? null : CUT;
  const cut = ast.isCallExpression(callee.expression) ? callee.expression : null;
  if (method === 'toString' && cut && isDecoded(call) && cutsAtCount(cut) && !isText(checker, cut)) return BYTES;
  return method === 'query' && file.includes('/server/') && call.arguments.some(makesJson) ? JSONB : null;
}

/** `slice(0, 80)`, `slice(-80)`; not what drops a known beginning or end, nor what ends where something was found. @param {CallExpression} call */
function cutsAtCount({ arguments: [start, end] }) {
  if (!start) return false;
  if (end) return isCount(end);
  return ast.isPrefixUnaryExpression(start) && start.operator === ast.SyntaxKind.MinusToken && isCount(start.operand);
}

/** @param {Node} node @returns {boolean} */
function isCount(node) {
  if (ast.isNumericLiteral(node)) return true;
  if (ast.isIdentifier(node)) return /^[A-Z][A-Z0-9_]*$/.test(node.text) || /max|most|limit/i.test(node.text);
  if (ast.isPropertyAccessExpression(node)) return isCount(node.name);
  if (ast.isParenthesizedExpression(node)) return isCount(node.expression);
  return ast.isBinaryExpression(node) && isCount(node.left) && isCount(node.right);
}

/** As UTF-8. @param {CallExpression} call */
function isDecoded({ arguments: [encoding] }) {
  return !encoding || (ast.isStringLiteral(encoding) && /^utf-?8$/.test(encoding.text));
}

/** @param {Checker} checker @param {Node} node */
function isText(checker, node) {
  const type = checker.getTypeAtLocation(node);
  const bare = type && checker.getNonNullableType(type);
  if (!bare || bare.flags & TypeFlags.Any) return false;
  return checker.isTypeAssignableTo(bare, checker.getStringType());
}

/** @param {Node} node @returns {boolean} */
function makesJson(node) {
  if (ast.isCallExpression(node) && node.expression.getText() === 'JSON.stringify') return true;
  let found = false;
  node.forEachChild((child) => {
    found ||= makesJson(child);
  });
  return found;
}
