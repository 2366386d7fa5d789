/** Completion scripts of shells. They pass the typed words on as arguments: nothing of them is evaluated. */

/** `program` is the command line that prints the completions of the words after `complete --`, quoted for a shell. */
export const COMPLETION_SCRIPTS: Readonly<Record<string, (program: string) => string>> = {
  bash: (program) => `_k0rdent_nutanix() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    [[ -z $line || $line == :* ]] || COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(${program} complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _k0rdent_nutanix k0rdent-nutanix
`,
  zsh: (program) => `#compdef k0rdent-nutanix
_k0rdent_nutanix() {
  local line
  local -a found
  for line in "\${(@f)$(${program} complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z $line || $line == :* ]] || found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  _describe k0rdent-nutanix found
}
compdef _k0rdent_nutanix k0rdent-nutanix
`,
  fish: (program) => `function __k0rdent_nutanix
  set -l words (commandline -opc) (commandline -ct)
  ${program} complete -- $words[2..] 2>/dev/null | string match -v -r '^(:.*)?$'
end
complete -c k0rdent-nutanix -f -a '(__k0rdent_nutanix)'
`,
};
