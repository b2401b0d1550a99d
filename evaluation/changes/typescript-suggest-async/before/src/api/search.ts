export interface Suggestion {
  id: string;
  label: string;
}

export class SearchApi {
  constructor(private readonly base: string) {}

  async suggest(query: string): Promise<Suggestion[]> {
    const response = await fetch(`${this.base}/suggest?q=${encodeURIComponent(query)}`);
    if (!response.ok) {
      throw new Error(`suggest answered ${response.status}`);
    }
    return (await response.json()) as Suggestion[];
  }
}
