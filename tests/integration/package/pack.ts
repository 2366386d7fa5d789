import { cp, mkdir, readdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";

export const PROJECT = join(import.meta.dirname, "../../..");

export interface Packing {
  readonly from: string;
  /** Files and folders that packing needs, beside package.json. */
  readonly files: readonly string[];
  /** Folder of the package's package.json. @default `from` */
  readonly folder?: string;
  /** Where they are copied to and packed, so that a test beside this one does not see a package half packed. */
  readonly copy: string;
  /** Where the package is unpacked. */
  readonly into: string;
}

/** Runs `npm pack` as a user does, but in a copy, and unpacks the result. */
export async function packed({ from, files, folder = ".", copy, into }: Packing): Promise<void> {
  await mkdir(copy, { recursive: true });
  for (const file of ["package.json", ...files]) await cp(join(from, file), join(copy, file), { recursive: true });
  await symlink(join(PROJECT, "node_modules"), join(copy, "node_modules"));
  const path = [join(PROJECT, "node_modules", ".bin"), dirname(process.execPath), process.env.PATH].join(":");
  await execa("npm", ["pack", "--silent"], { cwd: join(copy, folder), env: { PATH: path } });
  const [tarball = ""] = (await readdir(join(copy, folder))).filter((name) => name.endsWith(".tgz"));
  await mkdir(into, { recursive: true });
  await execa("tar", ["-xzf", join(copy, folder, tarball), "-C", into, "--strip-components=1"]);
}
