// Files of the page, imported as text. Only Bun resolves `#text/*` (package.json, condition "bun"), so the compiler
// sees text here and modules where the client's files import each other.
declare module "#text/*" {
  const text: string;
  export default text;
}
