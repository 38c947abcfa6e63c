/** Runs the SQL of its argument on the platform's database; without one it is a shell, a statement a line. */
import { errorText } from "../src/time.ts";
import { openDatabase } from "./stores.ts";

const database = openDatabase();

async function run(sql: string): Promise<void> {
  const { rows, columns, rowsAffected } = await database.execute(sql);
  if (rows.length > 0) console.table(rows.map((row) => ({ ...row })));
  else console.log(columns.length > 0 ? "no rows" : `${rowsAffected} rows changed`);
}

const [sql] = process.argv.slice(2);
if (sql !== undefined) {
  await run(sql);
} else {
  process.stdout.write("sql> ");
  for await (const line of console) {
    if (line.trim() !== "") await run(line).catch((error: unknown) => console.error(errorText(error)));
    process.stdout.write("sql> ");
  }
}
database.close();
