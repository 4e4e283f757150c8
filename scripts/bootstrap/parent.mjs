/** Who started this process; npm puts a shell between itself and us. */
const PARENT = process.ppid;

/** npm passes SIGTERM to its shell alone, which ends without a word to us. */
export const isOrphaned = () => process.ppid !== PARENT;
