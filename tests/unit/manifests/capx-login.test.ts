import assert from "node:assert/strict";
import fc from "fast-check";
import { parseAllDocuments } from "yaml";
import { capxVariables, type Login, loginVariables } from "../../../manifests/credential.ts";

/**
 * Endpoint and login in the components of CAPX, which are the same from 1.7.0 to 1.10.3: the Cluster API operator replaces the variables in
 * the text, then reads it as YAML; CAPX reads both values as JSON.
 */
const COMPONENTS = `
kind: ConfigMap
metadata:
  name: capx-nutanix-endpoint
data:
  prismCentral: |-
    {
      "address": "\${NUTANIX_ENDPOINT}",
      "port": \${NUTANIX_PORT=9440},
      "insecure": \${NUTANIX_INSECURE=false}
    }
---
kind: Secret
metadata:
  name: capx-nutanix-creds
stringData:
  credentials: |
    [
      {
        "type": "basic_auth",
        "data": {
          "prismCentral":{
            "username": "\${NUTANIX_USER}",
            "password": "\${NUTANIX_PASSWORD}"
          },
          "prismElements": null
        }
      }
    ]
`;
const PRISM_CENTRAL = { address: "pc.example.com", port: 9441, insecure: true };

/** What CAPX reads. */
function installed(login: Login): { prismCentral: unknown; login: Login } {
  const variables = { ...capxVariables(PRISM_CENTRAL), ...loginVariables(login) };
  const value = (name: string) => variables[name as keyof typeof variables] ?? "";
  const text = COMPONENTS.replace(/\$\{(\w+)(=\w+)?\}/g, (_, name: string) => value(name));
  const [endpoint, secret] = parseAllDocuments(text).map((document) => document.toJS());
  return {
    prismCentral: JSON.parse(endpoint.data.prismCentral),
    login: JSON.parse(secret.stringData.credentials)[0].data.prismCentral,
  };
}

describe("the global login", () => {
  for (const [name, login] of Object.entries({
    "of a plain user": { username: "svc-capx", password: "secret" },
    "of a user of a domain": { username: "DOMAIN\\user", password: "secret" },
    "with quotes and backslashes": { username: `"o'hara"`, password: `a"b\\c\\"d\\` },
    "with line breaks and tabs": { username: "svc", password: "one\ntwo\r\n\tthree\n" },
    "with what YAML and variables are made of": {
      username: "a: b #c",
      password: "$\u007bNUTANIX_USER} $$ $1 $& {{ x }} - | >",
    },
    "with letters outside of ASCII": { username: "jürgen", password: "пароль 🔑 \u2028\u0085\ufeff" },
    "with control characters": { username: "svc", password: "\u0000\u0007\u001b[0m\u007f" },
  })) {
    it(`reaches CAPX intact ${name}`, () => assert.deepEqual(installed(login), { prismCentral: PRISM_CENTRAL, login }));
  }

  it("reaches CAPX intact, whatever it is", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom(..."\"'\\\n\r\t $a{}#:") }));
    fc.assert(
      fc.property(text, text, (username, password) => {
        assert.deepEqual(installed({ username, password }).login, { username, password });
      }),
    );
  });

  it("stays as it is in the key that CAPX reads itself", () => {
    const login = { username: "DOMAIN\\user", password: 'a"b' };
    const { credentials = "" } = loginVariables(login);
    assert.deepEqual(JSON.parse(credentials)[0].data.prismCentral, login);
  });
});
