const CR = 13;

/**
 * Lines as a terminal leaves them: of a line that was written over, after carriage returns, the last text. Where the text goes on inside
 * a line (`startsInsideLine`) whose earlier part the reader has, one carriage return is left before what stands in its place.
 */
export function lastTexts(text: string, startsInsideLine: boolean): string {
  if (!text.includes('\r')) return text;
  return text
    .split('\n')
    .map((line, i) => lastText(line, i === 0 && startsInsideLine))
    .join('\n');
}

function lastText(line: string, isContinued: boolean): string {
  let end = line.length;
  while (end > 0 && line.charCodeAt(end - 1) === CR) end--;
  const start = line.lastIndexOf('\r', end - 1) + 1;
  return end === 0 || start === 0 ? line.slice(0, end) : line.slice(isContinued ? start - 1 : start, end);
}
