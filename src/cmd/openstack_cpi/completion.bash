# Completion of openstack_cpi for bash: source <(openstack_cpi completion bash)
_openstack_cpi() {
  local word IFS=$'\n'
  COMPREPLY=()
  while IFS= read -r word; do
    word=${word%%$'\t'*}
    if [ "$word" = :files ]; then
      # shellcheck disable=SC2207 # one file per line
      COMPREPLY+=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
    else
      COMPREPLY+=("$word")
    fi
  done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o filenames -F _openstack_cpi openstack_cpi
