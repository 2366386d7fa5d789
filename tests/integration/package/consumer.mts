// A user's program on the package: runs the program named by the first argument on Pulumi's test runtime and prints what it registers.
import { runtime } from "@pulumi/pulumi";
import type { ClusterInput, KcmArgs } from "k0rdent-nutanix";

// @ts-expect-error: the package's types do not have this mode.
export const wrongMode: ClusterInput["mode"] = "hosted";
// @ts-expect-error: a version is a string.
export const wrongArgs: KcmArgs = { version: 1.2 };

async function main(program: string): Promise<void> {
  const registered: string[] = [];
  const charts: Record<string, unknown> = {};
  await runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.push(`${type} ${name}`);
        if (type === "kubernetes:helm.sh/v3:Release" && name === "platform-capx") charts["folder"] = inputs.chart;
        if (name === "platform-capx-charts") charts["packed"] = Object.keys(inputs.binaryData).sort();
        return { id: name, state: inputs };
      },
      call: ({ inputs }) => inputs,
    },
    "other",
    "dev",
    true,
  );
  const { endpoint } = await import(program);
  await runtime.disconnect();
  endpoint.apply((value: string) =>
    console.log(JSON.stringify({ endpoint: value, charts, registered: registered.sort() })),
  );
}

main(process.argv[2] ?? "").catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
