/** YAML as Pulumi's engine reads it: gopkg.in/yaml.v3 into untyped values, strings for dates. */

import type { Scalar, YAMLMap } from "yaml";
import { type Alias, isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from "yaml";
import { scalarValue } from "./yaml-scalars.ts";

export interface EngineYaml {
  /** The first document; null where the text has none. */
  readonly value: unknown;
  /** How many documents the text has; the engine reads the first one. */
  readonly documents: number;
}

/** A text that the engine cannot read, or should not. The message says why, with the line. */
export class YamlError extends Error {}

/** Limits of gopkg.in/yaml.v3 for aliases, and one for the texts that they repeat. */
const ALIASES = { few: 100, small: 1_000, low: 400_000, high: 4_000_000, characters: 16_777_216 };

/** @throws YamlError */
export function readEngineYaml(bytes: Uint8Array): EngineYaml {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new YamlError("it is not UTF-8");
  }
  const lines = new LineCounter();
  assertReadable(text);
  try {
    const options = {
      schema: "failsafe",
      strict: false,
      uniqueKeys: false,
      prettyErrors: false,
      resolveKnownTags: false,
    } as const;
    const documents = parseAllDocuments(text, { ...options, lineCounter: lines, logLevel: "silent" });
    if (!Array.isArray(documents)) return { value: null, documents: 0 };
    const [first] = documents;
    const [error] = first?.errors ?? [];
    if (error !== undefined) throw new YamlError(`line ${lines.linePos(error.pos[0]).line}: ${error.message}`);
    const root = (first?.contents ?? null) as Node | null;
    return { value: new Decoder(root, lines, text).value, documents: documents.length };
  } catch (error) {
    if (error instanceof RangeError) throw new YamlError("it is nested too deeply");
    throw error;
  }
}

/** Characters that the engine rejects, and those that are line breaks to YAML 1.1 alone. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is searched
const UNREADABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff]/;

function assertReadable(text: string): void {
  const at = text.search(UNREADABLE);
  const line = (end: number) => text.slice(0, end).split("\n").length;
  if (at >= 0) {
    const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, "0");
    throw new YamlError(`line ${line(at)}: the character U+${code} is not allowed`);
  }
  const version = /^%YAML (?!1\.1\s).*$/m.exec(text);
  if (version !== null) throw new YamlError(`line ${line(version.index)}: the engine reads YAML 1.1`);
}

class Decoder {
  readonly value: unknown;
  private readonly lines: LineCounter;
  private readonly text: string;
  private readonly targets = new Map<Alias, Node>();
  private readonly open = new Set<Alias>();
  private decoded = 0;
  private byAlias = 0;
  private characters = 0;

  constructor(root: Node | null, lines: LineCounter, text: string) {
    this.lines = lines;
    this.text = text;
    this.link(root, new Map());
    this.value = this.read(root);
  }

  /** An alias means the last anchor of its name before it. */
  private link(node: unknown, anchors: Map<string, Node>): void {
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined) throw this.error(node, `the anchor "${node.source}" does not exist before it`);
      this.targets.set(node, target);
      return;
    }
    if (isPair(node)) {
      this.link(node.key, anchors);
      this.link(node.value, anchors);
      return;
    }
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return;
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    if (!isScalar(node)) for (const item of node.items) this.link(item, anchors);
  }

  private read(node: unknown): unknown {
    this.count(node);
    if (isAlias(node)) return this.through(node, (target) => this.read(target));
    if (isMap(node)) return this.map(node);
    if (isSeq(node)) return node.items.map((item) => this.read(item));
    if (!isScalar(node)) return null;
    try {
      this.checkEscapes(node);
      const value = scalarValue(node);
      if (typeof value === "string") this.characters += value.length;
      return value;
    } catch (error) {
      throw this.error(node, (error as Error).message);
    }
  }

  /** The engine reads no halves of a character. */
  private checkEscapes({ type, range }: Scalar): void {
    if (type !== "QUOTE_DOUBLE" || range == null) return;
    if (/(?<!\\)(?:\\\\)*\\u[dD][89a-fA-F]/.test(this.text.slice(range[0], range[1])))
      throw new Error("an escape is half a character; write the character, or \\U and eight digits");
  }

  private through<T>(alias: Alias, read: (target: Node) => T): T {
    if (this.open.has(alias)) throw this.error(alias, `the anchor "${alias.source}" contains itself`);
    this.open.add(alias);
    const value = read(this.targets.get(alias) as Node);
    this.open.delete(alias);
    return value;
  }

  private count(node: unknown): void {
    this.decoded += 1;
    if (this.open.size > 0) this.byAlias += 1;
    const { few, small, low, high, characters } = ALIASES;
    const scale = Math.min(1, Math.max(0, (this.decoded - low) / (high - low)));
    const isMany = this.byAlias > few && this.decoded > small && this.byAlias / this.decoded > 0.99 - 0.89 * scale;
    if (isMany || this.characters > characters) throw this.error(node, "its aliases expand to too much");
  }

  private map(node: YAMLMap): Record<string, unknown> {
    this.checkKeys(node);
    const own = node.items.filter(({ key }) => !isMergeKey(key));
    const values = new Map<string, unknown>();
    for (const { key, value } of own) {
      const name = this.key(key);
      // `1` and `1.0`: the engine writes the file again before it reads it, and numbers are then alike.
      if (values.has(name)) throw this.error(key, `the key "${name}" is already defined`);
      values.set(name, this.read(value));
    }
    const merged = node.items.find(({ key }) => isMergeKey(key))?.value;
    for (const [key, value] of merged === undefined ? [] : this.merged(merged)) {
      if (!values.has(key)) values.set(key, value);
    }
    return Object.fromEntries(values);
  }

  private checkKeys(node: YAMLMap): void {
    const seen = new Map<string, unknown>();
    for (const { key } of node.items) {
      if (!isScalar(key)) continue;
      const text = String(key.value);
      const former = seen.get(text);
      if (former !== undefined)
        throw this.error(key, `the key "${text}" is already defined at line ${this.line(former)}`);
      seen.set(text, key);
    }
  }

  /** A key that is not a text is written as Go prints it. */
  private key(node: unknown): string {
    const value = this.read(node);
    if (typeof value === "object" && value !== null) throw this.error(node, "a map or a list is not a key");
    return value === null ? "<nil>" : String(value);
  }

  /** Entries of a merge key; of several maps the first wins. */
  private merged(node: unknown): [string, unknown][] {
    const maps = isSeq(node) ? node.items : [node];
    const entries = maps.flatMap((map) => {
      const target = isAlias(map) ? this.targets.get(map) : map;
      if (!isMap(target)) throw this.error(node, "<< takes a map or a list of maps");
      return Object.entries(this.read(map) as Record<string, unknown>);
    });
    return [...new Map([...entries].reverse())];
  }

  private line(node: unknown): number {
    const offset = isScalar(node) || isAlias(node) || isMap(node) || isSeq(node) ? node.range?.[0] : undefined;
    return this.lines.linePos(offset ?? 0).line;
  }

  private error(node: unknown, reason: string): YamlError {
    return new YamlError(`line ${this.line(node)}: ${reason}`);
  }
}

/** In quotes and with a tag too: Pulumi writes the file again before it reads it, and leaves them out. */
function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === "<<";
}
