/** The program of a run that cannot start. */
console.error('no such engine');
process.exit(3);
