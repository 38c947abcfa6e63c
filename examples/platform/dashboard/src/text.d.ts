/** What the compiler sees in place of `#text/*` (package.json): files of the page that are imported as text. */
declare const text: string;
export default text;
