#compdef openstack_cpi
# Completion of openstack_cpi for zsh: source <(openstack_cpi completion zsh)
_openstack_cpi() {
  local line
  local -a found
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      _files
    elif [[ $line == *$'\t'* ]]; then
      found+=("${line%%$'\t'*}:${line#*$'\t'}")
    else
      found+=("$line")
    fi
  done < <("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe -o openstack_cpi found
}
compdef _openstack_cpi openstack_cpi
