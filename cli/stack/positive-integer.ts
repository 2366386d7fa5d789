import { InvalidArgumentError } from "commander";

/** The value of an option that counts something. */
export function positiveInteger(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError("use an integer from 1");
  return number;
}
