import type { SearchApi, Suggestion } from "../api/search";

const MIN_LENGTH = 2;

export interface SuggestView {
  show(items: Suggestion[]): void;
  hide(): void;
  busy(on: boolean): void;
  hint(text: string): void;
}

/** The list below the search field; input() is called on every key press. */
export class SuggestBox {
  private turn = 0;

  constructor(
    private readonly api: SearchApi,
    private readonly view: SuggestView,
  ) {}

  async input(text: string): Promise<void> {
    const query = text.trim();
    const turn = ++this.turn;
    if (query.length < MIN_LENGTH) {
      this.view.busy(false);
      this.view.hide();
      return;
    }
    this.view.busy(true);
    try {
      const items = await this.api.suggest(query);
      if (items.length > 0) {
        this.view.show(items);
      } else {
        this.view.hide();
      }
    } catch {
      if (turn === this.turn) {
        this.view.hide();
        this.view.hint("Search is not available just now");
      }
    } finally {
      if (turn === this.turn) {
        this.view.busy(false);
      }
    }
  }

  /** Called when the field loses the focus. */
  close(): void {
    this.turn++;
    this.view.busy(false);
    this.view.hide();
  }
}
