# Completion of openstack_cpi for fish: openstack_cpi completion fish | source
function __openstack_cpi_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for word in ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
        if test "$word" = :files
            __fish_complete_path "$current"
        else
            echo $word
        end
    end
end
complete -c openstack_cpi -f -a '(__openstack_cpi_complete)'
