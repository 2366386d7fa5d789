import { engineMessages, engineServices, grpc } from "./sdk-protocol.ts";

export type Severity = "info" | "warning" | "error";

/** The engine's log; what is not ephemeral stays under Diagnostics. */
export class Engine {
  #client: { log(request: unknown, done: () => void): void } | undefined;

  constructor(address: string | undefined) {
    if (address) {
      this.#client = new engineServices.EngineClient(address, grpc.credentials.createInsecure());
    }
  }

  log(severity: Severity, message: string, urn = ""): Promise<void> {
    return this.#send(severity, message, { urn, ephemeral: false });
  }

  status(message: string, urn: string): Promise<void> {
    return this.#send("info", message, { urn, ephemeral: true });
  }

  #send(severity: Severity, message: string, target: { urn: string; ephemeral: boolean }): Promise<void> {
    const request = new engineMessages.LogRequest();
    const severities = { info: 1, warning: 2, error: 3 };
    request.setSeverity(severities[severity]);
    request.setMessage(message);
    request.setUrn(target.urn);
    request.setEphemeral(target.ephemeral);
    return new Promise((resolve) => {
      this.#client ? this.#client.log(request, () => resolve()) : resolve();
    });
  }
}
