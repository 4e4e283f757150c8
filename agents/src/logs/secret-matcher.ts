import { secretForms } from './secret-forms.js';

/** States nearest to the root get a full row of 256 transitions (1 KiB each); text rarely leaves them. */
const DENSE_STATES = 1024;
/** A prefix of at most this many bytes, and at most a quarter of the secret, may be shown rather than held over a line's end. */
const MAX_SHOWN_PREFIX = 3;

/**
 * One automaton for all secrets in all their forms (Aho and Corasick, "Efficient string matching", CACM 1975), over bytes.
 * The forms hold no line ends and the reader skips them, so a secret broken over lines is still seen. States are numbered by
 * distance from the root; 0 is the root.
 */
export class SecretMatcher {
  private readonly dense: Int32Array;
  /** How many of the last bytes (line ends not counted) may be the beginning of a form that goes on. */
  readonly pending: Int32Array;
  /** Length of the longest form that ends in a state; 0: none does. */
  readonly found: Int32Array;
  /** 1: what has led to a state is too little of a secret to give it away. */
  readonly mayShow: Uint8Array;
  readonly longest: number;

  private constructor(private readonly trie: Trie) {
    const { size } = trie;
    this.pending = new Int32Array(size);
    this.found = new Int32Array(size);
    this.mayShow = new Uint8Array(size);
    this.dense = new Int32Array(Math.min(size, DENSE_STATES) * 256);
    this.longest = trie.depth[size - 1] ?? 0;
    this.link();
  }

  /** Null when there is nothing to mask. */
  static of(secrets: string[]): SecretMatcher | null {
    const forms = secrets.flatMap(secretForms);
    return forms.length > 0 ? new SecretMatcher(byLevel(plant(forms))) : null;
  }

  /** The state after `byte`, which must not be a line end: the caller skips those. */
  step(from: number, byte: number): number {
    let state = from;
    while (state >= DENSE_STATES) {
      const child = this.childOf(state, byte);
      if (child !== 0) return child;
      state = this.trie.fail[state] as number;
    }
    return this.dense[(state << 8) | byte] as number;
  }

  private childOf(state: number, byte: number): number {
    const { firstChild, nextSibling, byteOf } = this.trie;
    let child = firstChild[state] as number;
    while (child !== 0 && byteOf[child] !== byte) child = nextSibling[child] as number;
    return child;
  }

  /** Fail links, rows and what is found where: each from states nearer to the root, hence in the order of the numbers. */
  private link(): void {
    const { size, fail, parent, byteOf, firstChild, shortest, ends, depth } = this.trie;
    this.mayShow[0] = 1;
    for (let state = 0; state < size; state++) {
      const up = parent[state] as number;
      const failTo = state === 0 || up === 0 ? 0 : this.step(fail[up] as number, byteOf[state] as number);
      fail[state] = failTo;
      if (state < DENSE_STATES) this.fillRow(state, failTo);
      if (state === 0) continue;
      const length = depth[state] as number;
      this.found[state] = ends[state] === 1 ? length : (this.found[failTo] as number);
      // After a whole form that no other continues, only what a shorter suffix has begun is open.
      const isLeaf = firstChild[state] === 0;
      this.pending[state] = isLeaf ? (this.pending[failTo] as number) : length;
      const little = isLeaf || (length <= MAX_SHOWN_PREFIX && length * 4 <= (shortest[state] as number));
      this.mayShow[state] = little && this.mayShow[failTo] === 1 ? 1 : 0;
    }
  }

  private fillRow(state: number, failTo: number): void {
    const row = state << 8;
    if (state !== 0) this.dense.copyWithin(row, failTo << 8, (failTo << 8) + 256);
    const { firstChild, nextSibling, byteOf } = this.trie;
    for (let child = firstChild[state] as number; child !== 0; child = nextSibling[child] as number) {
      this.dense[row | (byteOf[child] as number)] = child;
    }
  }
}

type Trie = {
  size: number;
  byteOf: Uint8Array;
  parent: Int32Array;
  firstChild: Int32Array;
  nextSibling: Int32Array;
  depth: Int32Array;
  /** Length of the shortest form through a state. */
  shortest: Int32Array;
  ends: Uint8Array;
  fail: Int32Array;
};

function emptyTrie(size: number): Trie {
  const ints = () => new Int32Array(size);
  const shortest = new Int32Array(size).fill(2 ** 31 - 1);
  const [byteOf, ends] = [new Uint8Array(size), new Uint8Array(size)];
  return { size, byteOf, ends, shortest, parent: ints(), firstChild: ints(), nextSibling: ints(), depth: ints(), fail: ints() };
}

function plant(forms: Buffer[]): Trie {
  const trie = emptyTrie(1 + forms.reduce((sum, form) => sum + form.length, 0));
  let size = 1;
  for (const form of forms) {
    let state = 0;
    for (const byte of form) {
      let child = trie.firstChild[state] as number;
      while (child !== 0 && trie.byteOf[child] !== byte) child = trie.nextSibling[child] as number;
      if (child === 0) {
        child = size++;
        trie.byteOf[child] = byte;
        trie.parent[child] = state;
        trie.nextSibling[child] = trie.firstChild[state] as number;
        trie.firstChild[state] = child;
      }
      state = child;
      trie.shortest[state] = Math.min(trie.shortest[state] as number, form.length);
    }
    trie.ends[state] = 1;
  }
  return { ...trie, size };
}

/** The same trie with its states numbered breadth first. */
function byLevel(planted: Trie): Trie {
  const order = new Int32Array(planted.size);
  const numberOf = new Int32Array(planted.size);
  let filled = 1;
  for (let i = 0; i < filled; i++) {
    for (let child = planted.firstChild[order[i] as number] as number; child !== 0; child = planted.nextSibling[child] as number) {
      numberOf[child] = filled;
      order[filled++] = child;
    }
  }
  const trie = emptyTrie(planted.size);
  for (let state = 1; state < planted.size; state++) {
    const old = order[state] as number;
    const parent = numberOf[planted.parent[old] as number] as number;
    trie.byteOf[state] = planted.byteOf[old] as number;
    trie.ends[state] = planted.ends[old] as number;
    trie.shortest[state] = planted.shortest[old] as number;
    trie.parent[state] = parent;
    trie.depth[state] = (trie.depth[parent] as number) + 1;
    trie.nextSibling[state] = trie.firstChild[parent] as number;
    trie.firstChild[parent] = state;
  }
  return trie;
}
