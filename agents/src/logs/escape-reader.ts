const [BEL, LF, CR, ESC] = [7, 10, 13, 27];
/** A string, such as a link's address, that is longer than this has lost its end. */
const MAX_STRING_BYTES = 4096;

type State = 'text' | 'escape' | 'charset' | 'control' | 'string' | 'string escape';

/** Tells the bytes of terminal escape sequences from those of text (ECMA-48, 5.3 to 5.6; OSC strings end with BEL too, as in xterm). */
export class EscapeReader {
  private state: State = 'text';
  private length = 0;

  get isInside(): boolean {
    return this.state !== 'text';
  }

  reset(): void {
    this.state = 'text';
  }

  /** Whether the next byte belongs to an escape sequence. */
  takes(byte: number): boolean {
    if (byte === ESC && this.state !== 'string') {
      this.state = 'escape';
      return true;
    }
    if (this.state === 'text') return false;
    if (byte === LF || byte === CR) {
      this.state = 'text';
      return false;
    }
    this.length += 1;
    this.state = this.after(byte);
    return true;
  }

  private after(byte: number): State {
    switch (this.state) {
      case 'text':
      case 'charset':
        return 'text';
      case 'escape':
        return this.begin(byte);
      case 'control':
        return byte >= 0x20 && byte < 0x40 && this.length < MAX_STRING_BYTES ? 'control' : 'text';
      case 'string':
        if (byte === BEL || this.length >= MAX_STRING_BYTES) return 'text';
        return byte === ESC ? 'string escape' : 'string';
      case 'string escape':
        return 'text';
    }
  }

  private begin(byte: number): State {
    this.length = 0;
    const character = String.fromCharCode(byte);
    if (character === '[') return 'control';
    if (']PX^_'.includes(character)) return 'string';
    return byte >= 0x20 && byte < 0x30 ? 'charset' : 'text';
  }
}
