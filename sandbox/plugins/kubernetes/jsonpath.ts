import { isMap, type Value } from "../property-values.ts";

type Select = (nodes: Value[]) => Value[];

/**
 * Compiles the part of RFC 9535 that wait expressions use: names, quoted names, indices, wildcards, `..` is not served,
 * and filters that compare with a literal.
 * @throws Error for anything else
 */
export function compilePath(path: string): (root: Value) => Value[] {
  const steps: Select[] = [];
  let rest = path.startsWith("$") ? path.slice(1) : path;
  while (rest !== "") {
    const step = nextStep(rest);
    if (!step) {
      throw new Error(`parsing "{${path.replace(/^\$/, "")}}": unexpected text at "${rest}"`);
    }
    steps.push(step.select);
    rest = rest.slice(step.length);
  }
  return (root) => steps.reduce<Value[]>((nodes, select) => select(nodes), [root]);
}

function nextStep(text: string): { select: Select; length: number } | undefined {
  const rules: [RegExp, (match: RegExpExecArray) => Select][] = [
    [/^\.([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)/, ([, name = ""]) => child(name)],
    [/^\.\*/, () => children],
    [/^\[\s*\*\s*\]/, () => children],
    [/^\[\s*'((?:[^'\\]|\\.)*)'\s*\]/, ([, name = ""]) => child(name.replace(/\\(.)/g, "$1"))],
    [/^\[\s*"((?:[^"\\]|\\.)*)"\s*\]/, ([, name = ""]) => child(name.replace(/\\(.)/g, "$1"))],
    [/^\[\s*(-?\d+)\s*\]/, ([, index = "0"]) => item(Number(index))],
    [/^\[\s*\?\s*\(?\s*@([^=!<>]*?)\s*(?:(==|!=)\s*('[^']*'|"[^"]*"|[\w.-]+)\s*)?\)?\s*\]/, filter],
  ];
  for (const [pattern, make] of rules) {
    const match = pattern.exec(text);
    if (match) {
      return { select: make(match), length: match[0].length };
    }
  }
  return undefined;
}

function child(name: string): Select {
  return (nodes) => nodes.flatMap((node) => (isMap(node) && Object.hasOwn(node, name) ? [node[name] ?? null] : []));
}

function children(nodes: Value[]): Value[] {
  return nodes.flatMap((node) => (Array.isArray(node) ? node : isMap(node) ? Object.values(node) : []));
}

function item(index: number): Select {
  return (nodes) => nodes.flatMap((node) => (Array.isArray(node) ? node.slice(index).slice(0, 1) : []));
}

function filter([, path = "", operator, literal]: RegExpExecArray): Select {
  const select = compilePath(path);
  const wanted: unknown =
    literal && JSON.parse(literal.replace(/^'(.*)'$/s, (_, text: string) => JSON.stringify(text)));
  const accepts = (node: Value): boolean => {
    const found = select(node);
    return operator === undefined ? found.length > 0 : (found[0] === wanted) === (operator === "==");
  };
  return (nodes) => children(nodes).filter(accepts);
}
