// The names that GetImageByLookup of CAPX 1.7 to 1.10 (controllers/helpers.go) matches, in its own steps.
package main

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"text/template"
)

type lookup struct {
	Format, BaseOS, Version string
	Names                   []string
}

func (l lookup) matching() []string {
	values := struct{ BaseOS, K8sVersion string }{l.BaseOS, strings.Replace(l.Version, "v", "", 1)}
	var pattern bytes.Buffer
	if err := template.Must(template.New("k8sTemplate").Parse(l.Format)).Execute(&pattern, values); err != nil {
		panic(err)
	}
	expression := regexp.MustCompile(pattern.String())
	found := []string{}
	for _, name := range l.Names {
		if expression.Match([]byte(name)) {
			found = append(found, name)
		}
	}
	return found
}

func main() {
	var lookups []lookup
	if err := json.NewDecoder(os.Stdin).Decode(&lookups); err != nil {
		panic(err)
	}
	found := [][]string{}
	for _, one := range lookups {
		found = append(found, one.matching())
	}
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		panic(err)
	}
}
