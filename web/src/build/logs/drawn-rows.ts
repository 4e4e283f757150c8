import { type Extent, lastPlace, type Place, type RowPlace } from './scroll-place.ts';

/** The rows that are drawn, as the browser has laid them out; one that is not drawn counts as a line. */
export class DrawnRows {
  private readonly layer: HTMLElement | null;
  private readonly first: number;
  private readonly rowPx: number;

  /** @param layer holds the rows as its children; `first` is the row of the first child */
  constructor(layer: HTMLElement | null, first: number, rowPx: number) {
    this.layer = layer;
    this.first = first;
    this.rowPx = rowPx;
  }

  readonly heightOf = (row: number): number => this.elementOf(row)?.offsetHeight || this.rowPx;

  /** From the top of the layer to the top of a row. */
  topOf(row: number): number {
    return this.elementOf(row)?.offsetTop ?? 0;
  }

  /** The row at the upper edge of the viewport, also when the place only says `bottom`. */
  rowInView(place: Place, viewport: HTMLElement | null, extent: Extent): RowPlace {
    if (place.kind === 'row') return place;
    const edge = viewport?.getBoundingClientRect().top ?? 0;
    const children = [...(this.layer?.children ?? [])];
    const index = children.findIndex((child) => child.getBoundingClientRect().bottom > edge + 0.5);
    const child = children[index];
    return child ? { row: this.first + index, offsetPx: edge - child.getBoundingClientRect().top } : lastPlace(extent);
  }

  /** Whether all rows from a place on fit into the viewport. */
  reachEnd(place: RowPlace, { rows, viewportPx }: Extent): boolean {
    let px = -place.offsetPx;
    for (let row = place.row; row < rows; row++) {
      px += this.heightOf(row);
      if (px > viewportPx) return false;
    }
    return true;
  }

  private elementOf(row: number): HTMLElement | undefined {
    return this.layer?.children[row - this.first] as HTMLElement | undefined;
  }
}
