/** The stats page's CSV form. HAProxy looks for the literal `;csv`: `%3Bcsv` and `?csv` silently give the HTML page. */

/** Adds `;csv` behind path and query unless it is there; user, password and fragment are left out. Null when the text is no http(s) URL. */
export function buildStatsCsvUrl(url: string): URL | null {
  if (!URL.canParse(url)) return null;
  const parsed = new URL(url);
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") return null;
  parsed.hash = "";
  parsed.username = "";
  parsed.password = "";
  if (/;csv(;|$)/.test(parsed.pathname + parsed.search)) return parsed;
  if (parsed.search === "") parsed.pathname += ";csv";
  else parsed.search += ";csv";
  return parsed;
}
