# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_evenkeel_agent_global_optspecs
    string join \n config-dir= data-dir= runtime-dir= log= v/verbose h/help V/version
end

function __fish_evenkeel_agent_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_evenkeel_agent_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_evenkeel_agent_using_subcommand
    set -l cmd (__fish_evenkeel_agent_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c evenkeel-agent -n "__fish_evenkeel_agent_needs_command" -l config-dir -d 'Directory of agent.toml' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_needs_command" -l data-dir -d 'Directory of the identity' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_needs_command" -l runtime-dir -d 'Directory of sockets' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_needs_command" -l log -d 'How much is logged, instead of `log` in agent.toml' -r -f -a "error\t''
warn\t''
info\t''
debug\t''
trace\t''"
complete -c evenkeel-agent -n "__fish_evenkeel_agent_needs_command" -s v -l verbose -d 'Log more; twice for everything'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_needs_command" -s V -l version -d 'Print version'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_needs_command" -f -a "join" -d 'Join a collector with a token from `evenkeel token create`'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_needs_command" -f -a "trust" -d 'Pin the key of the collector whose orders this host obeys, by root'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_needs_command" -f -a "run" -d 'Read host and guests at every interval and send the readings, until SIGTERM or Ctrl-C'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_needs_command" -f -a "once" -d 'Read everything once and print it; nothing is sent'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_needs_command" -f -a "check" -d 'Say what is wrong with configuration, libvirt, certificates, clock and network; nothing is started'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_needs_command" -f -a "check-config" -d 'Check agent.toml, its drop-ins and the environment, and show what is in force'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand join" -l config-dir -d 'Directory of agent.toml' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand join" -l data-dir -d 'Directory of the identity' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand join" -l runtime-dir -d 'Directory of sockets' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand join" -l log -d 'How much is logged, instead of `log` in agent.toml' -r -f -a "error\t''
warn\t''
info\t''
debug\t''
trace\t''"
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand join" -s v -l verbose -d 'Log more; twice for everything'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand join" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand trust" -l config-dir -d 'Directory of agent.toml' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand trust" -l data-dir -d 'Directory of the identity' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand trust" -l runtime-dir -d 'Directory of sockets' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand trust" -l log -d 'How much is logged, instead of `log` in agent.toml' -r -f -a "error\t''
warn\t''
info\t''
debug\t''
trace\t''"
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand trust" -s v -l verbose -d 'Log more; twice for everything'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand trust" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand run" -l config-dir -d 'Directory of agent.toml' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand run" -l data-dir -d 'Directory of the identity' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand run" -l runtime-dir -d 'Directory of sockets' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand run" -l log -d 'How much is logged, instead of `log` in agent.toml' -r -f -a "error\t''
warn\t''
info\t''
debug\t''
trace\t''"
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand run" -s v -l verbose -d 'Log more; twice for everything'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand once" -l output -d 'How it is written' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand once" -l config-dir -d 'Directory of agent.toml' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand once" -l data-dir -d 'Directory of the identity' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand once" -l runtime-dir -d 'Directory of sockets' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand once" -l log -d 'How much is logged, instead of `log` in agent.toml' -r -f -a "error\t''
warn\t''
info\t''
debug\t''
trace\t''"
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand once" -s v -l verbose -d 'Log more; twice for everything'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand once" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand check" -l output -d 'How it is written' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand check" -l config-dir -d 'Directory of agent.toml' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand check" -l data-dir -d 'Directory of the identity' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand check" -l runtime-dir -d 'Directory of sockets' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand check" -l log -d 'How much is logged, instead of `log` in agent.toml' -r -f -a "error\t''
warn\t''
info\t''
debug\t''
trace\t''"
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand check" -s v -l verbose -d 'Log more; twice for everything'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand check-config" -l output -d 'How it is written' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand check-config" -l config-dir -d 'Directory of agent.toml' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand check-config" -l data-dir -d 'Directory of the identity' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand check-config" -l runtime-dir -d 'Directory of sockets' -r -F
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand check-config" -l log -d 'How much is logged, instead of `log` in agent.toml' -r -f -a "error\t''
warn\t''
info\t''
debug\t''
trace\t''"
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand check-config" -l origin -d 'Also say from where each value came'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand check-config" -s q -l quiet -d 'Only say what is wrong'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand check-config" -s v -l verbose -d 'Log more; twice for everything'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand check-config" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand help; and not __fish_seen_subcommand_from join trust run once check check-config help" -f -a "join" -d 'Join a collector with a token from `evenkeel token create`'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand help; and not __fish_seen_subcommand_from join trust run once check check-config help" -f -a "trust" -d 'Pin the key of the collector whose orders this host obeys, by root'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand help; and not __fish_seen_subcommand_from join trust run once check check-config help" -f -a "run" -d 'Read host and guests at every interval and send the readings, until SIGTERM or Ctrl-C'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand help; and not __fish_seen_subcommand_from join trust run once check check-config help" -f -a "once" -d 'Read everything once and print it; nothing is sent'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand help; and not __fish_seen_subcommand_from join trust run once check check-config help" -f -a "check" -d 'Say what is wrong with configuration, libvirt, certificates, clock and network; nothing is started'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand help; and not __fish_seen_subcommand_from join trust run once check check-config help" -f -a "check-config" -d 'Check agent.toml, its drop-ins and the environment, and show what is in force'
complete -c evenkeel-agent -n "__fish_evenkeel_agent_using_subcommand help; and not __fish_seen_subcommand_from join trust run once check check-config help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
