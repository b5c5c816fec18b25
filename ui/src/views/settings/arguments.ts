// What a program is called with, as people write it: separated by spaces or lines, quotes keep together.
// A backslash is a letter like any other, because paths on Windows are full of them.

/** Each argument, or the quote that is never closed. */
export function split(typed: string): string[] | { open: string } {
  const found: string[] = [];
  /** What is being read; null between arguments. */
  let word: string | null = null;
  let quote = '';
  for (const letter of typed) {
    if (quote) {
      if (letter === quote) quote = '';
      else word = (word ?? '') + letter;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      word ??= '';
    } else if (/\s/.test(letter)) {
      if (word !== null) found.push(word);
      word = null;
    } else word = (word ?? '') + letter;
  }
  if (quote) return { open: quote };
  return word === null ? found : [...found, word];
}

/** One argument as it is typed. */
function quoted(one: string): string {
  if (one === '') return "''";
  if (!/[\s'"]/.test(one)) return one;
  // What is between single quotes has none in it: those go between double ones.
  return one.includes("'") ? one.split("'").map(wrapped).join('"\'"') : wrapped(one);
}
const wrapped = (part: string) => (part === '' ? '' : `'${part}'`);

/** Arguments as they are typed, a line each, an option beside what belongs to it. */
export function typed(all: readonly string[]): string {
  return all.reduce((text, one, at) => {
    if (at === 0) return quoted(one);
    const isValue = /^--?[^-=\s]/.test(all[at - 1] ?? '') && !one.startsWith('-');
    return `${text}${isValue ? ' ' : '\n'}${quoted(one)}`;
  }, '');
}

/** What runs: the program and what it is called with, a sound file in its place. */
export function commandLine(program: string, all: readonly string[], file: string): string {
  const filled = all.map((one) => one.replaceAll('{file}', file));
  const isNamed = all.some((one) => one.includes('{file}'));
  return [program, ...filled, ...(isNamed ? [] : [file])].map(quoted).join(' ');
}
