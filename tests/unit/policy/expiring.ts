import { VALID_CA } from "../../integration/policy/pack-fixture.ts";

export interface Expiring {
  readonly pem: string;
  /** The last day that it is valid. */
  readonly day: string;
}

/** The sound CA with another end: so many whole days from now. Nobody checks what a CA says of itself by its signature. */
export function expiring(days: number): Expiring {
  const until = new Date(Date.now() + (days + 0.5) * 86_400_000).toISOString();
  const der = Buffer.from(VALID_CA.replace(/-----[^-]+-----|\s/g, ""), "base64");
  const was = der.indexOf("21261029220239Z");
  if (was < 0) throw new Error("the sound CA ends on another day");
  der.write(`${until.replace(/\D/g, "").slice(0, 14)}Z`, was, "latin1");
  const lines = der.toString("base64").replace(/.{64}/g, "$&\n");
  return { pem: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`, day: until.slice(0, 10) };
}
