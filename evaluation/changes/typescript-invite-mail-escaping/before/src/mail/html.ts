const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char]);
}

/** Markup that is safe to send as it is. */
export class Html {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

/** Template tag: whatever is put in is escaped, unless it is Html already. */
export function html(parts: TemplateStringsArray, ...values: unknown[]): Html {
  let out = parts[0];
  values.forEach((value, index) => {
    out += value instanceof Html ? value.text : escapeHtml(String(value));
    out += parts[index + 1];
  });
  return new Html(out);
}
