import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/** The browser of this machine; undefined where there is none. */
export async function findBrowser(): Promise<string | undefined> {
  for (const name of [process.env.CHROME_PATH ?? "", ...NAMES].filter(Boolean)) {
    const { failed } = await execa(name, ["--version"], { reject: false });
    if (!failed) return name;
  }
  return undefined;
}

/** What a browser made of a page. */
export interface Seen {
  /** The document after it was loaded. */
  readonly dom: string;
  /** What the browser had to say: refused and missing parts, errors of scripts. */
  readonly complaints: string[];
  /** The picture that it took. */
  readonly png: string;
  close(): void;
}

/** Opens a file in a browser that is cut off from every network, and looks at it. */
export async function look(browser: string, file: string): Promise<Seen> {
  const folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-browser-"));
  const png = join(folder, "page.png");
  const flags = [
    ...["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${folder}`, "--window-size=1280,1000"],
    ...["--enable-logging=stderr", "--v=0", "--host-resolver-rules=MAP * ~NOTFOUND"],
  ];
  const { stdout, stderr } = await execa(browser, [...flags, "--dump-dom", `--screenshot=${png}`, `file://${file}`]);
  return {
    dom: stdout,
    complaints: stderr.split("\n").filter((line) => line.includes("CONSOLE")),
    png,
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
