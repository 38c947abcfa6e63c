/** Every statement on jobs. All are idempotent, so that the database may send them again (database.ts). */
import type { Database } from "./database.ts";
import type { FetchedPage } from "./fetch_result.ts";
import { type Job, JOB_STATUSES, type JobStatus, jobFromRow, statusFrom } from "./job.ts";

// The image stands last: a row is read without it unless somebody asks for it.
const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('queued', 'active', 'done', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    milliseconds INTEGER,
    http_status INTEGER,
    final_url TEXT,
    title TEXT,
    error TEXT,
    text TEXT,
    screenshot BLOB
  )`,
  "CREATE INDEX IF NOT EXISTS jobs_by_status ON jobs (status, id)",
];

const SUMMARY = `id, url, status, attempts, created_at, started_at, finished_at, milliseconds, http_status, final_url,
  title, error, screenshot IS NOT NULL AS has_screenshot`;
const EXCERPT_CHARACTERS = 300;
const UNFINISHED = "status IN ('queued', 'active')";

export class JobStore {
  readonly #database: Database;
  readonly #now: () => Date;

  constructor(database: Database, now: () => Date = () => new Date()) {
    this.#database = database;
    this.#now = now;
  }

  async createSchema(): Promise<void> {
    await this.#database.transaction(SCHEMA);
  }

  async insert(id: string, url: string): Promise<Job> {
    const { rows } = await this.#database.execute(
      `INSERT INTO jobs (id, url, status, created_at) VALUES (?, ?, 'queued', ?)
       ON CONFLICT (id) DO UPDATE SET url = url RETURNING ${SUMMARY}, text`,
      [id, url, this.#time()],
    );
    const [row] = rows;
    if (row === undefined) throw new Error("INSERT … RETURNING gave no row");
    return jobFromRow(row);
  }

  async get(id: string): Promise<Job | null> {
    const { rows } = await this.#database.execute(`SELECT ${SUMMARY}, text FROM jobs WHERE id = ?`, [id]);
    return rows[0] === undefined ? null : jobFromRow(rows[0]);
  }

  /** The newest first; of each text only the beginning. */
  async list(limit: number): Promise<Job[]> {
    const { rows } = await this.#database.execute(
      `SELECT ${SUMMARY}, substr(text, 1, ${EXCERPT_CHARACTERS}) AS text FROM jobs ORDER BY id DESC LIMIT ?`,
      [limit],
    );
    return rows.map(jobFromRow);
  }

  async screenshot(id: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const { rows } = await this.#database.execute("SELECT screenshot FROM jobs WHERE id = ?", [id]);
    const image = rows[0]?.screenshot;
    return image instanceof ArrayBuffer ? new Uint8Array(image) : null;
  }

  /** Ids of jobs that are neither done nor failed, in order, after `afterId` ("" for the first page). */
  async unfinished(afterId: string, createdBefore: Date, limit: number): Promise<string[]> {
    const { rows } = await this.#database.execute(
      `SELECT id FROM jobs WHERE ${UNFINISHED} AND id > ? AND created_at < ? ORDER BY id LIMIT ?`,
      [afterId, createdBefore.toISOString(), limit],
    );
    return rows.map((row) => String(row.id));
  }

  async countByStatus(): Promise<Record<JobStatus, number>> {
    const { rows } = await this.#database.execute("SELECT status, count(*) AS jobs FROM jobs GROUP BY status");
    const counts = new Map(rows.map((row) => [statusFrom(row.status), Number(row.jobs)]));
    const entries = JOB_STATUSES.map((status) => [status, counts.get(status) ?? 0] as const);
    return Object.fromEntries(entries) as Record<JobStatus, number>;
  }

  /** Marks the job as active and returns its URL; null if it is finished already, or unknown. */
  async start(id: string, attempt: number): Promise<string | null> {
    const { rows } = await this.#database.execute(
      `UPDATE jobs SET status = 'active', attempts = ?, started_at = ? WHERE id = ? AND ${UNFINISHED} RETURNING url`,
      [attempt, this.#time(), id],
    );
    return rows[0] === undefined ? null : String(rows[0].url);
  }

  /** Back to queued until the next attempt. */
  async postpone(id: string, reason: string): Promise<void> {
    await this.#database.execute("UPDATE jobs SET status = 'queued', error = ? WHERE id = ? AND status = 'active'", [
      reason,
      id,
    ]);
  }

  /** Takes back the start of this attempt. */
  async release(id: string, attempt: number): Promise<void> {
    await this.#database.execute(
      `UPDATE jobs SET status = 'queued', attempts = ?1 - 1, started_at = CASE WHEN ?1 > 1 THEN started_at END
       WHERE id = ?2 AND status = 'active'`,
      [attempt, id],
    );
  }

  /** Writes the result unless there is one: the first writer wins. */
  async finish(id: string, page: FetchedPage): Promise<void> {
    await this.#database.execute(
      `UPDATE jobs SET status = 'done', finished_at = ?, milliseconds = ?, http_status = ?, final_url = ?, title = ?,
       error = NULL, text = ?, screenshot = ? WHERE id = ? AND ${UNFINISHED}`,
      [
        this.#time(),
        page.milliseconds,
        page.status,
        page.finalUrl,
        page.title,
        page.text,
        Buffer.from(page.screenshot, "base64"),
        id,
      ],
    );
  }

  /** Gives the job up unless it has a result. */
  async fail(id: string, reason: string): Promise<void> {
    await this.#database.execute(
      `UPDATE jobs SET status = 'failed', finished_at = ?, error = ? WHERE id = ? AND ${UNFINISHED}`,
      [this.#time(), reason, id],
    );
  }

  #time(): string {
    return this.#now().toISOString();
  }
}
