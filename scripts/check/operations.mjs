/** What codegen makes of a definition, by the end of its name. */
const MADE = {
  fragment: ['Fragment', 'FragmentDoc'],
  query: ['Query', 'QueryVariables', 'Document'],
  mutation: ['Mutation', 'MutationVariables', 'Document'],
  subscription: ['Subscription', 'SubscriptionVariables', 'Document'],
};
const DEFINED = /^(fragment|query|mutation|subscription) (\w+)/gm;
const SPREAD = /\.\.\.(?!on\b)(\w+)/g;

/** @typedef {{ name: string, target: string }} Use of what a `.graphql` file defines */

/** The operations and fragments of the page: which file each stands in, so that its use is an import of that file. */
export class Operations {
  /** @param {[file: string, text: string][]} files */
  constructor(files) {
    /** @type {Map<string, string>} */
    this.fragments = new Map();
    /** @type {Map<string, string>} */
    this.made = new Map();
    for (const [file, text] of files)
      for (const [, kind, name = ''] of text.matchAll(DEFINED)) {
        if (kind === 'fragment') this.fragments.set(name, file);
        for (const end of MADE[/** @type {keyof typeof MADE} */ (kind)]) this.made.set(name + end, file);
      }
  }

  /** @param {string[]} names of what is imported from the generated file; those of the schema's own types stand in no file @returns {Use[]} */
  usedBy(names) {
    return names.flatMap((name) => use(name, this.made.get(name)));
  }

  /** @param {string} text of a `.graphql` file @returns {(Use & { line: number })[]} */
  spreadIn(text) {
    return [...text.matchAll(SPREAD)].flatMap(({ 1: name = '', index }) =>
      use(name, this.fragments.get(name)).map((each) => ({ ...each, line: text.slice(0, index).split('\n').length })),
    );
  }
}

/** @param {string} name @param {string | undefined} target @returns {Use[]} */
const use = (name, target) => (target ? [{ name, target }] : []);
