// Command pulumi-resource-kubernetes is Pulumi's Kubernetes plugin, linked from its Go module. The
// module's own command cannot be built from there: it lacks the schema that is generated before a release.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

// schema.json is an overlay of the build.
//
//go:embed schema.json
var schema []byte

func main() {
	provider.Serve("kubernetes", version.Version, schema, []byte("{}"))
}
