/** @typedef {{ folders: string[], may: string[] }} Place a row of the first table */
/** @typedef {{ patterns: string[], by: string[], beside: boolean }} Edge a row of the second; `beside`: by files of the same folder */

const HEADS = { places: '| folder | what it is | may import |', edges: '| files | what they are | imported by |' };
const NOTHING = 'nothing of ours';
const BESIDE = 'files beside them';

/** What may import what, read from the two tables of docs/architecture.md, so that what is written there and what is checked are the same. */
export class ImportTable {
  /** @param {string} text of docs/architecture.md */
  constructor(text) {
    /** @type {Place[]} */
    this.places = rowsOf(text, HEADS.places).map(([folders, , may]) => ({ folders: named(folders), may: mayOf(may) }));
    /** @type {Edge[]} */
    this.edges = rowsOf(text, HEADS.edges).map(([patterns, , by]) => ({
      patterns: named(patterns),
      by: named(by),
      beside: by.trim() === BESIDE,
    }));
    this.byFolder = new Map(this.places.flatMap((place) => place.folders.map((folder) => [folder, place])));
    const unknown = [...this.places.flatMap(({ may }) => may), ...this.edges.flatMap(({ by }) => by)].find(
      (each) => !this.byFolder.has(each),
    );
    if (unknown) throw new Error(`The import table of docs/architecture.md names \`${unknown}\`, but has no row for it.`);
  }

  /** The row of the innermost folder that the file is in; `server/src/*` is only what is in that folder itself. @param {string} file */
  placeOf(file) {
    const folders = [...this.byFolder.keys()].filter((folder) =>
      folder.endsWith('*') ? matcher(folder).test(file) : file.startsWith(folder),
    );
    return this.byFolder.get(folders.sort((a, b) => b.length - a.length)[0] ?? '');
  }

  /** A place imports itself, what its row names, and what those may import. @param {Place} from @param {Place} to @returns {boolean} */
  mayImport(from, to) {
    return from === to || from.may.some((folder) => this.mayImport(/** @type {Place} */ (this.byFolder.get(folder)), to));
  }

  /** The row that says who alone imports this file, beside tests. @param {string} file */
  edgeOf(file) {
    return this.edges.find(({ patterns }) => patterns.some((pattern) => matcher(`**/${pattern}`).test(file)));
  }
}

/** `?` is one character, `*` any but `/`, `**` any. @param {string} pattern */
function matcher(pattern) {
  const parts = { '.': '\\.', '?': '[^/]', '*': '[^/]*', '**/': '(?:.*/)?', '**': '.*' };
  const source = pattern.replace(/\*\*\/|\*\*|[.?*]/g, (part) => parts[/** @type {keyof typeof parts} */ (part)]);
  return new RegExp(`^${source}$`);
}

/** @param {string} text @param {string} head @returns {[string, string, string][]} */
function rowsOf(text, head) {
  const [, after] = text.split(`${head}\n`);
  if (after === undefined) throw new Error(`docs/architecture.md has no table that begins with "${head}".`);
  const lines = after.split('\n').slice(1);
  const rows = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('|')),
  );
  return rows.map((row) => /** @type {[string, string, string]} */ (row.split('|').slice(1, 4)));
}

/** @param {string} cell */
const named = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => /** @type {string} */ (name));

/** @param {string} cell */
function mayOf(cell) {
  const may = named(cell);
  if (may.length > 0 || cell.trim() === NOTHING) return may;
  throw new Error(`The import table of docs/architecture.md says "${cell.trim()}": name folders, or write "${NOTHING}".`);
}
