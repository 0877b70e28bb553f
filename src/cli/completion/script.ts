/** What the shells are given: a few lines that hand the typed words to the program, which alone knows its commands. */

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** The hidden command that the scripts call: `signalbox __complete SHELL -- WORDS…`, the last word being the one at the cursor. */
export const COMPLETE_COMMAND = "__complete";

/** The only line of an answer that asks the shell for file names. */
export const FILES = ":files";

const BASH = `# signalbox completion for bash. Load it in ~/.bashrc:  source <(signalbox completion bash)
_signalbox() {
  local line found
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == "${FILES}" ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r found; do COMPREPLY+=("$found"); done < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]#=}")
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <("\${1/#\\~\\//$HOME/}" ${COMPLETE_COMMAND} bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null </dev/null)
}
complete -F _signalbox signalbox
`;

const ZSH = `#compdef signalbox
# signalbox completion for zsh. Load it in ~/.zshrc after compinit:  source <(signalbox completion zsh)
# or save it as _signalbox in a folder of $fpath.
_signalbox() {
  local line
  local -a lines found
  lines=("\${(@f)$("\${words[1]/#\\~\\//$HOME/}" ${COMPLETE_COMMAND} zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null </dev/null)}")
  if [[ "\${lines[1]}" == "${FILES}" ]]; then
    _files
    return
  fi
  for line in "\${lines[@]}"; do
    [[ -n "$line" ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  _describe -V signalbox found
}
if [[ "\${funcstack[1]}" == "_signalbox" ]]; then
  _signalbox "$@"
else
  compdef _signalbox signalbox
fi
`;

const FISH = `# signalbox completion for fish. Save it:  signalbox completion fish > ~/.config/fish/completions/signalbox.fish
function __signalbox_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    set -l found ($before[1] ${COMPLETE_COMMAND} fish -- $before[2..-1] "$current" 2>/dev/null </dev/null)
    if test "$found[1]" = "${FILES}"
        __fish_complete_path "$current"
    else
        printf '%s\\n' $found
    end
end
complete -c signalbox -f -k -a '(__signalbox_complete)'
`;

export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
