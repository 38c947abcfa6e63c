/** The dashboard: lists the platform's jobs live. Settings: PORT, API_URL, PLATFORM_NAME. */

import { ApiClient } from "./api.ts";
import { buildAssets } from "./assets.ts";
import { readConfig } from "./config.ts";
import { Feed } from "./feed.ts";
import { createLogger } from "./log.ts";
import { startServer } from "./server.ts";

const log = createLogger((line) => process.stdout.write(line));
const config = readConfig(process.env);
