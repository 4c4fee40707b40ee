# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_evenkeel_global_optspecs
    string join \n config-dir= data-dir= runtime-dir= socket= output= file= tz= v/verbose h/help V/version
end

function __fish_evenkeel_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_evenkeel_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_evenkeel_using_subcommand
    set -l cmd (__fish_evenkeel_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c evenkeel -n "__fish_evenkeel_needs_command" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_needs_command" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_needs_command" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_needs_command" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_needs_command" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_needs_command" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_needs_command" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_needs_command" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -s V -l version -d 'Print version'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "init" -d 'Make collector.toml, the CA, keys and databases'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "serve" -d 'Run the collector'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "status" -d 'Say how the collector is'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "check-config" -d 'Check the configuration and report all errors'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "token" -d 'Tokens with which hosts join'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "agent" -d 'Agents: who has joined, who waits for approval'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "host" -d 'The hosts'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "vm" -d 'The virtual machines'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "query" -d 'Read series: raw readings, rates and aggregates'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "import" -d 'Add readings from a file: of another system, or of an export'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "export" -d 'Write readings as CSV or OpenMetrics'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "review" -d 'Judge a period: of VMs (time up, down and unknown, and the metrics), or of a service by the seven steps'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "service" -d 'The services: what was agreed about them'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "outage" -d 'Outages: when a VM or host was out, and why'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "sla" -d 'Service levels: did we keep our word?'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "report" -d 'Reports: a review of a service as one HTML file or as tables'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "cycle" -d 'Cycles: passes of the seven steps over periods of services'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "finding" -d 'Findings of reviews: what follows from them, why, and how people decided'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "calendar" -d 'Maintenance windows: time that counts for nobody'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "change" -d 'Changes: what was done, and whether it helped'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "action" -d 'Actions on virtual machines: ask for them, follow them'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "activity" -d 'The log of everything that happened'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "store" -d 'Care for the store: its size, damage, backup and restore'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "stats" -d 'Statistics on files and standard input; no collector is asked'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "completions" -d 'Write shell completions'
complete -c evenkeel -n "__fish_evenkeel_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand init" -l listen -d 'UDP address and port where agents connect' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand init" -l address -d 'HOST:PORT that agents are told to join [default: this machine\'s name and the port of --listen]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand init" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand init" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand init" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand init" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand init" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand init" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand init" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand init" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand serve" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand serve" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand serve" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand serve" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand serve" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand serve" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand serve" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand serve" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand status" -l wait -d 'Wait at most so long, such as 30s, until the collector answers and is healthy' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand status" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand status" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand status" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand status" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand status" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand status" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand status" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand status" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand check-config" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand check-config" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand check-config" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand check-config" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand check-config" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand check-config" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand check-config" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand check-config" -l origin -d 'Also say from where each value came'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand check-config" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand check-config" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and not __fish_seen_subcommand_from create list revoke help" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and not __fish_seen_subcommand_from create list revoke help" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and not __fish_seen_subcommand_from create list revoke help" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and not __fish_seen_subcommand_from create list revoke help" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and not __fish_seen_subcommand_from create list revoke help" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and not __fish_seen_subcommand_from create list revoke help" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and not __fish_seen_subcommand_from create list revoke help" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and not __fish_seen_subcommand_from create list revoke help" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and not __fish_seen_subcommand_from create list revoke help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and not __fish_seen_subcommand_from create list revoke help" -f -a "create" -d 'Make a token with which a host joins'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and not __fish_seen_subcommand_from create list revoke help" -f -a "list" -d 'List the tokens, oldest first'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and not __fish_seen_subcommand_from create list revoke help" -f -a "revoke" -d 'Revoke a token: nobody joins with it any more. Hosts that have joined stay'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and not __fish_seen_subcommand_from create list revoke help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from create" -l host -d 'Bind the token to this host name: the host joins at once' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from create" -l hosts -d 'Make a token for each host name in this file, one a line; \'#\' starts a comment' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from create" -l ttl -d 'How long the token is valid, such as 30m or 7d [default: 30m]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from create" -l max-uses -d 'How many hosts may join with the token [default: 1]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from create" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from create" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from create" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from create" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from create" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from create" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from create" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from create" -l needs-approval -d 'Whoever joins waits for `evenkeel agent approve`; needed for a token that is bound to no host'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from list" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from list" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from list" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from list" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from list" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from list" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from list" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from revoke" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from revoke" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from revoke" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from revoke" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from revoke" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from revoke" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from revoke" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from revoke" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "create" -d 'Make a token with which a host joins'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the tokens, oldest first'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "revoke" -d 'Revoke a token: nobody joins with it any more. Hosts that have joined stay'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and not __fish_seen_subcommand_from list approve revoke help" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and not __fish_seen_subcommand_from list approve revoke help" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and not __fish_seen_subcommand_from list approve revoke help" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and not __fish_seen_subcommand_from list approve revoke help" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and not __fish_seen_subcommand_from list approve revoke help" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and not __fish_seen_subcommand_from list approve revoke help" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and not __fish_seen_subcommand_from list approve revoke help" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and not __fish_seen_subcommand_from list approve revoke help" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and not __fish_seen_subcommand_from list approve revoke help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and not __fish_seen_subcommand_from list approve revoke help" -f -a "list" -d 'List the agents and who waits for approval'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and not __fish_seen_subcommand_from list approve revoke help" -f -a "approve" -d 'Let a pending agent join'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and not __fish_seen_subcommand_from list approve revoke help" -f -a "revoke" -d 'Take an agent\'s rights away and cut its connection at once'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and not __fish_seen_subcommand_from list approve revoke help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from list" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from list" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from list" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from list" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from list" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from list" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from list" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from approve" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from approve" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from approve" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from approve" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from approve" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from approve" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from approve" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from approve" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from approve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from revoke" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the agents and who waits for approval'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from help" -f -a "approve" -d 'Let a pending agent join'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from help" -f -a "revoke" -d 'Take an agent\'s rights away and cut its connection at once'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand agent; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and not __fish_seen_subcommand_from list show retire help" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and not __fish_seen_subcommand_from list show retire help" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and not __fish_seen_subcommand_from list show retire help" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and not __fish_seen_subcommand_from list show retire help" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and not __fish_seen_subcommand_from list show retire help" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and not __fish_seen_subcommand_from list show retire help" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and not __fish_seen_subcommand_from list show retire help" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and not __fish_seen_subcommand_from list show retire help" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and not __fish_seen_subcommand_from list show retire help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and not __fish_seen_subcommand_from list show retire help" -f -a "list" -d 'List the hosts. A host is silent when it is not connected or was not heard for three intervals'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and not __fish_seen_subcommand_from list show retire help" -f -a "show" -d 'Show one host, its VMs and what happened to it lately'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and not __fish_seen_subcommand_from list show retire help" -f -a "retire" -d 'Take a host out of service: its agent is no longer let in, its history stays'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and not __fish_seen_subcommand_from list show retire help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from list" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from list" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from list" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from list" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from list" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from list" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from list" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from list" -l all -d 'Also the retired ones'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from show" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from show" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from show" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from show" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from show" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from show" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from show" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from retire" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from retire" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from retire" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from retire" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from retire" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from retire" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from retire" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from retire" -l force -d 'Although it is connected and runs VMs'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from retire" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from retire" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the hosts. A host is silent when it is not connected or was not heard for three intervals'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one host, its VMs and what happened to it lately'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from help" -f -a "retire" -d 'Take a host out of service: its agent is no longer let in, its history stays'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand host; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and not __fish_seen_subcommand_from list show stats top help" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and not __fish_seen_subcommand_from list show stats top help" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and not __fish_seen_subcommand_from list show stats top help" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and not __fish_seen_subcommand_from list show stats top help" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and not __fish_seen_subcommand_from list show stats top help" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and not __fish_seen_subcommand_from list show stats top help" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and not __fish_seen_subcommand_from list show stats top help" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and not __fish_seen_subcommand_from list show stats top help" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and not __fish_seen_subcommand_from list show stats top help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and not __fish_seen_subcommand_from list show stats top help" -f -a "list" -d 'List the VMs. CPU is CPU time per second and vCPU between the last two readings: 100% is all its vCPUs busy'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and not __fish_seen_subcommand_from list show stats top help" -f -a "show" -d 'Show one VM: whose it is, its devices, what is missing and why, where it ran, what happened to it lately'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and not __fish_seen_subcommand_from list show stats top help" -f -a "stats" -d 'Print the newest reading of every metric, as `virsh domstats` does, with the rates of counters'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and not __fish_seen_subcommand_from list show stats top help" -f -a "top" -d 'Show what the VMs do, refreshing, like virt-top'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and not __fish_seen_subcommand_from list show stats top help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from list" -l host -d 'Only on this host' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from list" -l state -d 'Only in this state, such as running or "shut off"' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from list" -l owner -d 'Only of this owner' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from list" -l label -d 'Only with this label; again for each label that it must have. Without =VALUE any value does' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from list" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from list" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from list" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from list" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from list" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from list" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from list" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from list" -l all -d 'Also those that no host knows any more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from show" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from show" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from show" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from show" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from show" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from show" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from show" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from stats" -l interval -d 'Print again and again, so often, until interrupted' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from stats" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from stats" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from stats" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from stats" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from stats" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from stats" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from stats" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from stats" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from stats" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from top" -l sort -d 'Sort by this, the largest first' -r -f -a "cpu\t'CPU time'
memory\t'Resident memory'
disk\t'Disk bytes'
network\t'Network bytes'
steal\t'Time waited for a host CPU'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from top" -l interval -d 'Time between two refreshes' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from top" -l host -d 'Only on this host' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from top" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from top" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from top" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from top" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from top" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from top" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from top" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from top" -l once -d 'Print one table and end; so it is also without a terminal'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from top" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from top" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the VMs. CPU is CPU time per second and vCPU between the last two readings: 100% is all its vCPUs busy'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one VM: whose it is, its devices, what is missing and why, where it ran, what happened to it lately'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from help" -f -a "stats" -d 'Print the newest reading of every metric, as `virsh domstats` does, with the rates of counters'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from help" -f -a "top" -d 'Show what the VMs do, refreshing, like virt-top'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand vm; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand query" -l vm -d 'VMs: name, UUID, unique beginning, a pattern such as \'web-*\', or all' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand query" -l host -d 'Hosts: name, agent id, a pattern, or all' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand query" -l metric -d 'Metrics: name or a pattern such as \'vm_block_*\'' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand query" -l device -d 'Only this device, such as vda; may be a pattern' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand query" -l from -d 'Begin' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand query" -l to -d 'End; not part of the range itself' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand query" -l step -d 'Length of a step, such as 1m' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand query" -l fn -d 'raw, avg, min, max, sum, count, stddev, rate, increase, last or a percentile such as p95 [default: raw; with --step rate of counters and avg of gauges]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand query" -l by -d 'One series for each value of vm, host, device, owner, managed_by, project, user, flavour, or of a label of VMs' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand query" -l top -d 'Only the K series with the highest mean, highest first' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand query" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand query" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand query" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand query" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand query" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand query" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand query" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand query" -l copies -d 'Also the readings of a second active copy of a VM, kept beside its own during a conflict of owners'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand query" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand query" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand import" -l format -d 'Format of the file' -r -f -a "csv\t'`time,entity,metric,device,value`'
openmetrics\t'OpenMetrics text with timestamps'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand import" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand import" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand import" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand import" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand import" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand import" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand import" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand import" -l create -d 'Make VMs and hosts that are not known; without it their lines are rejected'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand import" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand export" -l vm -d 'VMs: name, UUID, unique beginning, a pattern such as \'web-*\', or all' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand export" -l host -d 'Hosts: name, agent id, a pattern, or all' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand export" -l metric -d 'Metrics: name or a pattern such as \'vm_block_*\' [default: all]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand export" -l device -d 'Only this device, such as vda; may be a pattern' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand export" -l from -d 'Begin [default: the oldest reading]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand export" -l to -d 'End; not part of the range itself' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand export" -l format -d 'Format of the data' -r -f -a "csv\t'`time,entity,metric,device,value`'
openmetrics\t'OpenMetrics text with timestamps'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand export" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand export" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand export" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand export" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand export" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand export" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand export" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand export" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand review" -l vm -d 'VMs: name, UUID, unique beginning, a pattern such as \'web-*\', or all' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand review" -l service -d 'Review this service instead: a cycle of the seven steps, which stays on record' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand review" -l period -d 'With --service: the period, in the service\'s time zone' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand review" -l metric -d 'Only these metrics: name or a pattern such as \'vm_block_*\'' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand review" -l from -d 'Begin of the period' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand review" -l to -d 'End of the period; not part of it' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand review" -l against -d 'Compare with this period, such as 2026-11-01..2026-11-08 or yesterday' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand review" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand review" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand review" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand review" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand review" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand review" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand review" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand review" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand review" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and not __fish_seen_subcommand_from list show help" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and not __fish_seen_subcommand_from list show help" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and not __fish_seen_subcommand_from list show help" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and not __fish_seen_subcommand_from list show help" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and not __fish_seen_subcommand_from list show help" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and not __fish_seen_subcommand_from list show help" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and not __fish_seen_subcommand_from list show help" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and not __fish_seen_subcommand_from list show help" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and not __fish_seen_subcommand_from list show help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and not __fish_seen_subcommand_from list show help" -f -a "list" -d 'List the services'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and not __fish_seen_subcommand_from list show help" -f -a "show" -d 'Show what was agreed about a service, and who is a member now'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and not __fish_seen_subcommand_from list show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from list" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from list" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from list" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from list" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from list" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from list" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from list" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from show" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from show" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from show" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from show" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from show" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from show" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from show" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the services'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show what was agreed about a service, and who is a member now'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand service; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and not __fish_seen_subcommand_from list show correct help" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and not __fish_seen_subcommand_from list show correct help" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and not __fish_seen_subcommand_from list show correct help" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and not __fish_seen_subcommand_from list show correct help" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and not __fish_seen_subcommand_from list show correct help" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and not __fish_seen_subcommand_from list show correct help" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and not __fish_seen_subcommand_from list show correct help" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and not __fish_seen_subcommand_from list show correct help" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and not __fish_seen_subcommand_from list show correct help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and not __fish_seen_subcommand_from list show correct help" -f -a "list" -d 'List outages of the services\' members, oldest first, with their figures'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and not __fish_seen_subcommand_from list show correct help" -f -a "show" -d 'Show an outage with its evidence'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and not __fish_seen_subcommand_from list show correct help" -f -a "correct" -d 'Say what an outage really was. What was measured stays on record; who said so is logged'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and not __fish_seen_subcommand_from list show correct help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from list" -l service -d 'Only those that touch a member of this service' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from list" -l target -d 'Only of this VM or host (its name)' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from list" -l from -d 'Begin' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from list" -l to -d 'End' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from list" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from list" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from list" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from list" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from list" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from list" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from list" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from list" -l open -d 'Only those that go on'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from list" -l summary -d 'The figures of them all instead of each'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from show" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from show" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from show" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from show" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from show" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from show" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from show" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from correct" -l start -d 'When it began' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from correct" -l end -d 'When it ended' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from correct" -l cause -d 'What caused it' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from correct" -l reason -d 'Why it is corrected' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from correct" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from correct" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from correct" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from correct" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from correct" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from correct" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from correct" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from correct" -l void -d 'It was no outage: its time counts as good'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from correct" -l valid -d 'It was one after all'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from correct" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from correct" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from help" -f -a "list" -d 'List outages of the services\' members, oldest first, with their figures'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show an outage with its evidence'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from help" -f -a "correct" -d 'Say what an outage really was. What was measured stays on record; who said so is logged'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand outage; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and not __fish_seen_subcommand_from status help" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and not __fish_seen_subcommand_from status help" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and not __fish_seen_subcommand_from status help" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and not __fish_seen_subcommand_from status help" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and not __fish_seen_subcommand_from status help" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and not __fish_seen_subcommand_from status help" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and not __fish_seen_subcommand_from status help" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and not __fish_seen_subcommand_from status help" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and not __fish_seen_subcommand_from status help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and not __fish_seen_subcommand_from status help" -f -a "status" -d 'Say how every objective of every service stands'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and not __fish_seen_subcommand_from status help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and __fish_seen_subcommand_from status" -l service -d 'Only this service' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and __fish_seen_subcommand_from status" -l at -d 'As of this time instead of now; with what is known today' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and __fish_seen_subcommand_from status" -l period -d 'The whole periods in which this time lies, such as 2026-11, as far as they are over' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and __fish_seen_subcommand_from status" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and __fish_seen_subcommand_from status" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and __fish_seen_subcommand_from status" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and __fish_seen_subcommand_from status" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and __fish_seen_subcommand_from status" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and __fish_seen_subcommand_from status" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and __fish_seen_subcommand_from status" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and __fish_seen_subcommand_from status" -l report -d 'Keep these levels as reported, if their period is over: later versions stand beside them'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and __fish_seen_subcommand_from help" -f -a "status" -d 'Say how every objective of every service stands'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand sla; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and not __fish_seen_subcommand_from review sla help" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and not __fish_seen_subcommand_from review sla help" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and not __fish_seen_subcommand_from review sla help" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and not __fish_seen_subcommand_from review sla help" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and not __fish_seen_subcommand_from review sla help" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and not __fish_seen_subcommand_from review sla help" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and not __fish_seen_subcommand_from review sla help" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and not __fish_seen_subcommand_from review sla help" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and not __fish_seen_subcommand_from review sla help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and not __fish_seen_subcommand_from review sla help" -f -a "review" -d 'Write the review of a period: findings, levels, performance, capacity, numbers with their tests'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and not __fish_seen_subcommand_from review sla help" -f -a "sla" -d 'Write the service levels of a period alone, for whoever they were promised to'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and not __fish_seen_subcommand_from review sla help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from review" -l service -d 'The service' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from review" -l period -d 'The period, in the service\'s time zone' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from review" -l tables -d 'Write every table into this directory instead' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from review" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from review" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from review" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from review" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from review" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from review" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from review" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from review" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from review" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from sla" -l service -d 'The service' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from sla" -l period -d 'The period, in the service\'s time zone' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from sla" -l tables -d 'Write every table into this directory instead' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from sla" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from sla" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from sla" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from sla" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from sla" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from sla" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from sla" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from sla" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from sla" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "review" -d 'Write the review of a period: findings, levels, performance, capacity, numbers with their tests'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "sla" -d 'Write the service levels of a period alone, for whoever they were promised to'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and not __fish_seen_subcommand_from list show close help" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and not __fish_seen_subcommand_from list show close help" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and not __fish_seen_subcommand_from list show close help" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and not __fish_seen_subcommand_from list show close help" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and not __fish_seen_subcommand_from list show close help" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and not __fish_seen_subcommand_from list show close help" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and not __fish_seen_subcommand_from list show close help" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and not __fish_seen_subcommand_from list show close help" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and not __fish_seen_subcommand_from list show close help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and not __fish_seen_subcommand_from list show close help" -f -a "list" -d 'List cycles, the newest period first'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and not __fish_seen_subcommand_from list show close help" -f -a "show" -d 'Show what the last review of a cycle says'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and not __fish_seen_subcommand_from list show close help" -f -a "close" -d 'End a cycle with what was learned; the next one begins with that'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and not __fish_seen_subcommand_from list show close help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from list" -l service -d 'Only of this service' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from list" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from list" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from list" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from list" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from list" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from list" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from list" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from show" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from show" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from show" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from show" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from show" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from show" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from show" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from close" -l learned -d 'What was learned, for the plan of the next cycle' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from close" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from close" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from close" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from close" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from close" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from close" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from close" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from close" -l carry -d 'Findings that are open go on into the next cycle; else they have to be decided first'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from close" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from close" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from help" -f -a "list" -d 'List cycles, the newest period first'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show what the last review of a cycle says'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from help" -f -a "close" -d 'End a cycle with what was learned; the next one begins with that'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand cycle; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and not __fish_seen_subcommand_from list show why close help" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and not __fish_seen_subcommand_from list show why close help" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and not __fish_seen_subcommand_from list show why close help" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and not __fish_seen_subcommand_from list show why close help" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and not __fish_seen_subcommand_from list show why close help" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and not __fish_seen_subcommand_from list show why close help" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and not __fish_seen_subcommand_from list show why close help" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and not __fish_seen_subcommand_from list show why close help" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and not __fish_seen_subcommand_from list show why close help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and not __fish_seen_subcommand_from list show why close help" -f -a "list" -d 'List findings that wait for a decision'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and not __fish_seen_subcommand_from list show why close help" -f -a "show" -d 'Show a finding with its evidence, what follows from it and the chain of whys'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and not __fish_seen_subcommand_from list show why close help" -f -a "why" -d 'Add a why to the chain that leads to the root cause'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and not __fish_seen_subcommand_from list show why close help" -f -a "close" -d 'Decide a finding'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and not __fish_seen_subcommand_from list show why close help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from list" -l service -d 'Only of this service' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from list" -l cycle -d 'Only of this cycle' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from list" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from list" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from list" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from list" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from list" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from list" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from list" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from list" -l all -d 'Also those that are decided or gone'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from show" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from show" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from show" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from show" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from show" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from show" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from show" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from why" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from why" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from why" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from why" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from why" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from why" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from why" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from why" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from why" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from close" -l as -d 'done: it was acted on. accepted: nothing is to be done. rejected: the finding is wrong' -r -f -a "done\t''
accepted\t''
rejected\t''"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from close" -l reason -d 'Why, or what was done' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from close" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from close" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from close" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from close" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from close" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from close" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from close" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from close" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from close" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from help" -f -a "list" -d 'List findings that wait for a decision'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a finding with its evidence, what follows from it and the chain of whys'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from help" -f -a "why" -d 'Add a why to the chain that leads to the root cause'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from help" -f -a "close" -d 'Decide a finding'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand finding; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and not __fish_seen_subcommand_from add list remove help" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and not __fish_seen_subcommand_from add list remove help" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and not __fish_seen_subcommand_from add list remove help" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and not __fish_seen_subcommand_from add list remove help" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and not __fish_seen_subcommand_from add list remove help" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and not __fish_seen_subcommand_from add list remove help" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and not __fish_seen_subcommand_from add list remove help" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and not __fish_seen_subcommand_from add list remove help" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and not __fish_seen_subcommand_from add list remove help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and not __fish_seen_subcommand_from add list remove help" -f -a "add" -d 'Add a maintenance window, recurring (--rule) or once (--from and --to)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and not __fish_seen_subcommand_from add list remove help" -f -a "list" -d 'List the windows, those of the services\' own files as well'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and not __fish_seen_subcommand_from add list remove help" -f -a "remove" -d 'Remove a window: from now on it counts no more. What it excluded before stays excluded'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and not __fish_seen_subcommand_from add list remove help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from add" -l service -d 'Only for this service [default: all]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from add" -l rule -d 'Again and again, such as \'weekly Sun 02:00-04:00\' in --tz' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from add" -l from -d 'Once: its begin' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from add" -l to -d 'Once: its end' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from add" -l reason -d 'Why' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from add" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from add" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from add" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from add" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from add" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from add" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from add" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from list" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from list" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from list" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from list" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from list" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from list" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from list" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from list" -l all -d 'Also those that were removed'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from remove" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from remove" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from remove" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from remove" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from remove" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from remove" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from remove" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from help" -f -a "add" -d 'Add a maintenance window, recurring (--rule) or once (--from and --to)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the windows, those of the services\' own files as well'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Remove a window: from now on it counts no more. What it excluded before stays excluded'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand calendar; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and not __fish_seen_subcommand_from record list show verdict help" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and not __fish_seen_subcommand_from record list show verdict help" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and not __fish_seen_subcommand_from record list show verdict help" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and not __fish_seen_subcommand_from record list show verdict help" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and not __fish_seen_subcommand_from record list show verdict help" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and not __fish_seen_subcommand_from record list show verdict help" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and not __fish_seen_subcommand_from record list show verdict help" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and not __fish_seen_subcommand_from record list show verdict help" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and not __fish_seen_subcommand_from record list show verdict help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and not __fish_seen_subcommand_from record list show verdict help" -f -a "record" -d 'Record that something was changed, so that its effect can be judged'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and not __fish_seen_subcommand_from record list show verdict help" -f -a "list" -d 'List changes, oldest first: recorded ones, our own actions, and what agents saw'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and not __fish_seen_subcommand_from record list show verdict help" -f -a "show" -d 'Show a change'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and not __fish_seen_subcommand_from record list show verdict help" -f -a "verdict" -d 'Say what a change did to a service, KPI by KPI'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and not __fish_seen_subcommand_from record list show verdict help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from record" -l service -d 'The service that it is of' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from record" -l scope -d 'What was changed: a VM, or host:NAME; may be repeated [default: all members]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from record" -l at -d 'When it was done' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from record" -l began -d 'When it began, if it took a while: what lies between is on no side' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from record" -l expect -d 'What is expected of it, such as "response_time -10%"' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from record" -l before -d 'How long before it is looked at [default: change.before of collector.toml]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from record" -l after -d 'How long after it [default: change.after of collector.toml]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from record" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from record" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from record" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from record" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from record" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from record" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from record" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from record" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from record" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from list" -l service -d 'Only those that touch this service' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from list" -l source -d 'Only those of this source: person, action or agent' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from list" -l from -d 'Begin' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from list" -l to -d 'End' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from list" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from list" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from list" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from list" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from list" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from list" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from list" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from show" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from show" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from show" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from show" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from show" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from show" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from show" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from verdict" -l service -d 'On this service, when the change touches several' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from verdict" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from verdict" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from verdict" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from verdict" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from verdict" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from verdict" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from verdict" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from verdict" -l again -d 'Look at what is known now, also when the final look is on record'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from verdict" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from verdict" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from help" -f -a "record" -d 'Record that something was changed, so that its effect can be judged'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from help" -f -a "list" -d 'List changes, oldest first: recorded ones, our own actions, and what agents saw'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a change'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from help" -f -a "verdict" -d 'Say what a change did to a service, KPI by KPI'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand change; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and not __fish_seen_subcommand_from snapshot restart migrate list show wait help" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and not __fish_seen_subcommand_from snapshot restart migrate list show wait help" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and not __fish_seen_subcommand_from snapshot restart migrate list show wait help" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and not __fish_seen_subcommand_from snapshot restart migrate list show wait help" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and not __fish_seen_subcommand_from snapshot restart migrate list show wait help" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and not __fish_seen_subcommand_from snapshot restart migrate list show wait help" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and not __fish_seen_subcommand_from snapshot restart migrate list show wait help" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and not __fish_seen_subcommand_from snapshot restart migrate list show wait help" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and not __fish_seen_subcommand_from snapshot restart migrate list show wait help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and not __fish_seen_subcommand_from snapshot restart migrate list show wait help" -f -a "snapshot" -d 'Make a recovery point: a copy of the VM\'s disks outside the VM, which runs on'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and not __fish_seen_subcommand_from snapshot restart migrate list show wait help" -f -a "restart" -d 'Restart a VM: gracefully, else by reset, else by destroy and start where that is safe'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and not __fish_seen_subcommand_from snapshot restart migrate list show wait help" -f -a "migrate" -d 'Move a running VM to another host'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and not __fish_seen_subcommand_from snapshot restart migrate list show wait help" -f -a "list" -d 'List the actions, oldest first'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and not __fish_seen_subcommand_from snapshot restart migrate list show wait help" -f -a "show" -d 'Show an action'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and not __fish_seen_subcommand_from snapshot restart migrate list show wait help" -f -a "wait" -d 'Wait for the end of an action'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and not __fish_seen_subcommand_from snapshot restart migrate list show wait help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from snapshot" -l wait -d 'Wait for the end, at most so long (such as 90s) when a time is given' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from snapshot" -l id -d 'Id of the action (a UUID): asking twice with the same id is one action' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from snapshot" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from snapshot" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from snapshot" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from snapshot" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from snapshot" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from snapshot" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from snapshot" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from snapshot" -l dry-run -d 'Only say what the guard would say'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from snapshot" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from snapshot" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from restart" -l wait -d 'Wait for the end, at most so long (such as 90s) when a time is given' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from restart" -l id -d 'Id of the action (a UUID): asking twice with the same id is one action' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from restart" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from restart" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from restart" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from restart" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from restart" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from restart" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from restart" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from restart" -l dry-run -d 'Only say what the guard would say'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from restart" -l apply-pending -d 'Bring a changed stored definition into force, by destroy and start'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from restart" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from restart" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from migrate" -l wait -d 'Wait for the end, at most so long (such as 90s) when a time is given' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from migrate" -l id -d 'Id of the action (a UUID): asking twice with the same id is one action' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from migrate" -l to -d 'The host to go to' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from migrate" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from migrate" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from migrate" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from migrate" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from migrate" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from migrate" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from migrate" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from migrate" -l dry-run -d 'Only say what the guard would say'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from migrate" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from migrate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from list" -l vm -d 'Only on this VM' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from list" -l state -d 'Only in this state' -r -f -a "requested\t''
dispatched\t''
running\t''
succeeded\t''
failed\t''
refused\t''
expired\t''
unknown\t''"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from list" -l limit -d 'At most so many, the newest' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from list" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from list" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from list" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from list" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from list" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from list" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from list" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from show" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from show" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from show" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from show" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from show" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from show" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from show" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from wait" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from wait" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from wait" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from wait" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from wait" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from wait" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from wait" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from wait" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from wait" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from help" -f -a "snapshot" -d 'Make a recovery point: a copy of the VM\'s disks outside the VM, which runs on'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from help" -f -a "restart" -d 'Restart a VM: gracefully, else by reset, else by destroy and start where that is safe'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from help" -f -a "migrate" -d 'Move a running VM to another host'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the actions, oldest first'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show an action'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from help" -f -a "wait" -d 'Wait for the end of an action'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand action; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and not __fish_seen_subcommand_from list help" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and not __fish_seen_subcommand_from list help" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and not __fish_seen_subcommand_from list help" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and not __fish_seen_subcommand_from list help" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and not __fish_seen_subcommand_from list help" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and not __fish_seen_subcommand_from list help" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and not __fish_seen_subcommand_from list help" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and not __fish_seen_subcommand_from list help" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and not __fish_seen_subcommand_from list help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and not __fish_seen_subcommand_from list help" -f -a "list" -d 'List what happened, oldest first'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and not __fish_seen_subcommand_from list help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and __fish_seen_subcommand_from list" -l since -d 'Nothing before this time, such as now-6h' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and __fish_seen_subcommand_from list" -l category -d 'Only this category' -r -f -a "informational\t''
warning\t''
exception\t''"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and __fish_seen_subcommand_from list" -l host -d 'Only about this host' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and __fish_seen_subcommand_from list" -l vm -d 'Only about this VM (its name)' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and __fish_seen_subcommand_from list" -l limit -d 'At most so many, the newest' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and __fish_seen_subcommand_from list" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and __fish_seen_subcommand_from list" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and __fish_seen_subcommand_from list" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and __fish_seen_subcommand_from list" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and __fish_seen_subcommand_from list" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and __fish_seen_subcommand_from list" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and __fish_seen_subcommand_from list" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and __fish_seen_subcommand_from help" -f -a "list" -d 'List what happened, oldest first'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand activity; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and not __fish_seen_subcommand_from status check backup restore help" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and not __fish_seen_subcommand_from status check backup restore help" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and not __fish_seen_subcommand_from status check backup restore help" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and not __fish_seen_subcommand_from status check backup restore help" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and not __fish_seen_subcommand_from status check backup restore help" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and not __fish_seen_subcommand_from status check backup restore help" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and not __fish_seen_subcommand_from status check backup restore help" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and not __fish_seen_subcommand_from status check backup restore help" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and not __fish_seen_subcommand_from status check backup restore help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and not __fish_seen_subcommand_from status check backup restore help" -f -a "status" -d 'Say how much is stored, and what it takes'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and not __fish_seen_subcommand_from status check backup restore help" -f -a "check" -d 'Read everything and say what is damaged; exit 1 if anything is'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and not __fish_seen_subcommand_from status check backup restore help" -f -a "backup" -d 'Copy everything that is stored, and the keys, into a directory of the collector\'s machine'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and not __fish_seen_subcommand_from status check backup restore help" -f -a "restore" -d 'Put a backup into an empty --data-dir. The collector must not be running'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and not __fish_seen_subcommand_from status check backup restore help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from status" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from status" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from status" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from status" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from status" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from status" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from status" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from check" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from check" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from check" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from check" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from check" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from check" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from check" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from backup" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from backup" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from backup" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from backup" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from backup" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from backup" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from backup" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from backup" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from backup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from restore" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from restore" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from restore" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from restore" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from restore" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from restore" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from restore" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from restore" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "status" -d 'Say how much is stored, and what it takes'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "check" -d 'Read everything and say what is damaged; exit 1 if anything is'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "backup" -d 'Copy everything that is stored, and the keys, into a directory of the collector\'s machine'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "restore" -d 'Put a backup into an empty --data-dir. The collector must not be running'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and not __fish_seen_subcommand_from test verdict changepoints anomalies forecast seasonality sample-size help" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and not __fish_seen_subcommand_from test verdict changepoints anomalies forecast seasonality sample-size help" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and not __fish_seen_subcommand_from test verdict changepoints anomalies forecast seasonality sample-size help" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and not __fish_seen_subcommand_from test verdict changepoints anomalies forecast seasonality sample-size help" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and not __fish_seen_subcommand_from test verdict changepoints anomalies forecast seasonality sample-size help" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and not __fish_seen_subcommand_from test verdict changepoints anomalies forecast seasonality sample-size help" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and not __fish_seen_subcommand_from test verdict changepoints anomalies forecast seasonality sample-size help" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and not __fish_seen_subcommand_from test verdict changepoints anomalies forecast seasonality sample-size help" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and not __fish_seen_subcommand_from test verdict changepoints anomalies forecast seasonality sample-size help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and not __fish_seen_subcommand_from test verdict changepoints anomalies forecast seasonality sample-size help" -f -a "test" -d 'Run one of the textbook\'s tests on a case from standard input or on files. They take values to be independent, which readings some seconds apart are not'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and not __fish_seen_subcommand_from test verdict changepoints anomalies forecast seasonality sample-size help" -f -a "verdict" -d 'Did a change shift a series? Honest on readings that depend on each other'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and not __fish_seen_subcommand_from test verdict changepoints anomalies forecast seasonality sample-size help" -f -a "changepoints" -d 'Find where a series changes its level'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and not __fish_seen_subcommand_from test verdict changepoints anomalies forecast seasonality sample-size help" -f -a "anomalies" -d 'Score how unusual each value is, from the values before it alone'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and not __fish_seen_subcommand_from test verdict changepoints anomalies forecast seasonality sample-size help" -f -a "forecast" -d 'When does a growing series reach a limit?'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and not __fish_seen_subcommand_from test verdict changepoints anomalies forecast seasonality sample-size help" -f -a "seasonality" -d 'Is there a daily or a weekly cycle?'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and not __fish_seen_subcommand_from test verdict changepoints anomalies forecast seasonality sample-size help" -f -a "sample-size" -d 'How long must be measured to see an effect?'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and not __fish_seen_subcommand_from test verdict changepoints anomalies forecast seasonality sample-size help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from test" -l x -d 'First sample' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from test" -l y -d 'Second sample, where the test takes two' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from test" -l alternative -d 'Which difference counts: of x and y, or of x and a parameter' -r -f -a "two-sided\t''
less\t''
greater\t''"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from test" -l method -d 'How p of a rank test is found [default: exact where that is fast]' -r -f -a "exact\t''
asymptotic\t''"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from test" -l param -d 'A parameter of the test, such as mu=5, low=-1, dist=norm; may be given again' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from test" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from test" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from test" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from test" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from test" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from test" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from test" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from test" -l batch -d 'A case a line on standard input; a result a line, in order, errors among them'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from verdict" -l before -d 'Series before the change: a CSV file, - for standard input, or with --vm a period FROM..TO' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from verdict" -l after -d 'Series after the change; the same' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from verdict" -l vm -d 'Read both periods of this VM from the collector: name, UUID or unique beginning' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from verdict" -l metric -d 'Its metric; of counters the rate' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from verdict" -l device -d 'Its device, such as vda, where the metric has several' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from verdict" -l better -d 'Which way is better [default: with --vm the metric\'s own; else none, and a difference is \'changed\']' -r -f -a "lower\t'Less is better'
higher\t'More is better'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from verdict" -l threshold -d 'From where an effect matters: 5% of the mean before, 0.2sd of its standard deviations, or a number in the series\' unit [default: 5%, or 0.2sd where the mean is below one deviation]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from verdict" -l history -d 'A longer past of the same series, to look for a daily cycle and to measure how often the test cries wolf on it [default: the series before]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from verdict" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from verdict" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from verdict" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from verdict" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from verdict" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from verdict" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from verdict" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from verdict" -l counter -d 'The files hold a counter: compare its growth per second'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from verdict" -l batch -d 'Read lines before.csv<TAB>after.csv from standard input and judge all as one family: a result a line, in order, errors among them. A third column is a --history'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from verdict" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from verdict" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from changepoints" -l input -d 'The series, or - for standard input' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from changepoints" -l better -d 'Which way is better [default: none, and every point is \'changed\']' -r -f -a "lower\t'Less is better'
higher\t'More is better'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from changepoints" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from changepoints" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from changepoints" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from changepoints" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from changepoints" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from changepoints" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from changepoints" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from changepoints" -l counter -d 'The file holds a counter: look at its growth per second'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from changepoints" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from changepoints" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from anomalies" -l input -d 'The series, or - for standard input' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from anomalies" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from anomalies" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from anomalies" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from anomalies" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from anomalies" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from anomalies" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from anomalies" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from anomalies" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from anomalies" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from forecast" -l input -d 'The series, or - for standard input' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from forecast" -l limit -d 'The limit, in the series\' unit' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from forecast" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from forecast" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from forecast" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from forecast" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from forecast" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from forecast" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from forecast" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from forecast" -l falling -d 'The series falls to the limit, as free space does'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from forecast" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from forecast" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from seasonality" -l input -d 'The series, or - for standard input' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from seasonality" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from seasonality" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from seasonality" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from seasonality" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from seasonality" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from seasonality" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from seasonality" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from seasonality" -l counter -d 'The file holds a counter: look at its growth per second'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from seasonality" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from seasonality" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from sample-size" -l input -d 'The series, or - for standard input' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from sample-size" -l effect -d 'The effect to be seen: 5% of the mean, 0.2sd of the standard deviation, or a number in the series\' unit' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from sample-size" -l alpha -d 'Significance' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from sample-size" -l power -d 'Probability of finding the effect' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from sample-size" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from sample-size" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from sample-size" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from sample-size" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from sample-size" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from sample-size" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from sample-size" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from sample-size" -l counter -d 'The file holds a counter: look at its growth per second'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from sample-size" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from sample-size" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from help" -f -a "test" -d 'Run one of the textbook\'s tests on a case from standard input or on files. They take values to be independent, which readings some seconds apart are not'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from help" -f -a "verdict" -d 'Did a change shift a series? Honest on readings that depend on each other'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from help" -f -a "changepoints" -d 'Find where a series changes its level'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from help" -f -a "anomalies" -d 'Score how unusual each value is, from the values before it alone'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from help" -f -a "forecast" -d 'When does a growing series reach a limit?'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from help" -f -a "seasonality" -d 'Is there a daily or a weekly cycle?'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from help" -f -a "sample-size" -d 'How long must be measured to see an effect?'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand stats; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand completions" -l config-dir -d 'Directory of collector.toml, keys and certificates' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand completions" -l data-dir -d 'Directory of the databases' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand completions" -l runtime-dir -d 'Directory of the API\'s socket' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand completions" -l socket -d 'The API\'s socket [default: api.sock in the runtime directory]' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand completions" -l output -d 'How data is written' -r -f -a "table\t'For people'
json\t'For programs: one document'
csv\t'For spreadsheets: a header and a line a row'"
complete -c evenkeel -n "__fish_evenkeel_using_subcommand completions" -l file -d 'Write data to this file instead of standard output' -r -F
complete -c evenkeel -n "__fish_evenkeel_using_subcommand completions" -l tz -d 'Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine\'s]' -r
complete -c evenkeel -n "__fish_evenkeel_using_subcommand completions" -s v -l verbose -d 'Say more on standard error; twice for even more'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "init" -d 'Make collector.toml, the CA, keys and databases'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "serve" -d 'Run the collector'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "status" -d 'Say how the collector is'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "check-config" -d 'Check the configuration and report all errors'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "token" -d 'Tokens with which hosts join'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "agent" -d 'Agents: who has joined, who waits for approval'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "host" -d 'The hosts'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "vm" -d 'The virtual machines'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "query" -d 'Read series: raw readings, rates and aggregates'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "import" -d 'Add readings from a file: of another system, or of an export'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "export" -d 'Write readings as CSV or OpenMetrics'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "review" -d 'Judge a period: of VMs (time up, down and unknown, and the metrics), or of a service by the seven steps'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "service" -d 'The services: what was agreed about them'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "outage" -d 'Outages: when a VM or host was out, and why'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "sla" -d 'Service levels: did we keep our word?'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "report" -d 'Reports: a review of a service as one HTML file or as tables'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "cycle" -d 'Cycles: passes of the seven steps over periods of services'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "finding" -d 'Findings of reviews: what follows from them, why, and how people decided'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "calendar" -d 'Maintenance windows: time that counts for nobody'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "change" -d 'Changes: what was done, and whether it helped'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "action" -d 'Actions on virtual machines: ask for them, follow them'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "activity" -d 'The log of everything that happened'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "store" -d 'Care for the store: its size, damage, backup and restore'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "stats" -d 'Statistics on files and standard input; no collector is asked'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "completions" -d 'Write shell completions'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and not __fish_seen_subcommand_from init serve status check-config token agent host vm query import export review service outage sla report cycle finding calendar change action activity store stats completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "create" -d 'Make a token with which a host joins'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "list" -d 'List the tokens, oldest first'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "revoke" -d 'Revoke a token: nobody joins with it any more. Hosts that have joined stay'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from agent" -f -a "list" -d 'List the agents and who waits for approval'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from agent" -f -a "approve" -d 'Let a pending agent join'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from agent" -f -a "revoke" -d 'Take an agent\'s rights away and cut its connection at once'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from host" -f -a "list" -d 'List the hosts. A host is silent when it is not connected or was not heard for three intervals'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from host" -f -a "show" -d 'Show one host, its VMs and what happened to it lately'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from host" -f -a "retire" -d 'Take a host out of service: its agent is no longer let in, its history stays'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from vm" -f -a "list" -d 'List the VMs. CPU is CPU time per second and vCPU between the last two readings: 100% is all its vCPUs busy'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from vm" -f -a "show" -d 'Show one VM: whose it is, its devices, what is missing and why, where it ran, what happened to it lately'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from vm" -f -a "stats" -d 'Print the newest reading of every metric, as `virsh domstats` does, with the rates of counters'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from vm" -f -a "top" -d 'Show what the VMs do, refreshing, like virt-top'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from service" -f -a "list" -d 'List the services'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from service" -f -a "show" -d 'Show what was agreed about a service, and who is a member now'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from outage" -f -a "list" -d 'List outages of the services\' members, oldest first, with their figures'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from outage" -f -a "show" -d 'Show an outage with its evidence'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from outage" -f -a "correct" -d 'Say what an outage really was. What was measured stays on record; who said so is logged'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from sla" -f -a "status" -d 'Say how every objective of every service stands'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from report" -f -a "review" -d 'Write the review of a period: findings, levels, performance, capacity, numbers with their tests'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from report" -f -a "sla" -d 'Write the service levels of a period alone, for whoever they were promised to'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from cycle" -f -a "list" -d 'List cycles, the newest period first'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from cycle" -f -a "show" -d 'Show what the last review of a cycle says'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from cycle" -f -a "close" -d 'End a cycle with what was learned; the next one begins with that'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from finding" -f -a "list" -d 'List findings that wait for a decision'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from finding" -f -a "show" -d 'Show a finding with its evidence, what follows from it and the chain of whys'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from finding" -f -a "why" -d 'Add a why to the chain that leads to the root cause'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from finding" -f -a "close" -d 'Decide a finding'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from calendar" -f -a "add" -d 'Add a maintenance window, recurring (--rule) or once (--from and --to)'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from calendar" -f -a "list" -d 'List the windows, those of the services\' own files as well'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from calendar" -f -a "remove" -d 'Remove a window: from now on it counts no more. What it excluded before stays excluded'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from change" -f -a "record" -d 'Record that something was changed, so that its effect can be judged'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from change" -f -a "list" -d 'List changes, oldest first: recorded ones, our own actions, and what agents saw'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from change" -f -a "show" -d 'Show a change'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from change" -f -a "verdict" -d 'Say what a change did to a service, KPI by KPI'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from action" -f -a "snapshot" -d 'Make a recovery point: a copy of the VM\'s disks outside the VM, which runs on'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from action" -f -a "restart" -d 'Restart a VM: gracefully, else by reset, else by destroy and start where that is safe'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from action" -f -a "migrate" -d 'Move a running VM to another host'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from action" -f -a "list" -d 'List the actions, oldest first'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from action" -f -a "show" -d 'Show an action'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from action" -f -a "wait" -d 'Wait for the end of an action'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from activity" -f -a "list" -d 'List what happened, oldest first'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "status" -d 'Say how much is stored, and what it takes'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "check" -d 'Read everything and say what is damaged; exit 1 if anything is'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "backup" -d 'Copy everything that is stored, and the keys, into a directory of the collector\'s machine'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "restore" -d 'Put a backup into an empty --data-dir. The collector must not be running'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from stats" -f -a "test" -d 'Run one of the textbook\'s tests on a case from standard input or on files. They take values to be independent, which readings some seconds apart are not'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from stats" -f -a "verdict" -d 'Did a change shift a series? Honest on readings that depend on each other'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from stats" -f -a "changepoints" -d 'Find where a series changes its level'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from stats" -f -a "anomalies" -d 'Score how unusual each value is, from the values before it alone'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from stats" -f -a "forecast" -d 'When does a growing series reach a limit?'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from stats" -f -a "seasonality" -d 'Is there a daily or a weekly cycle?'
complete -c evenkeel -n "__fish_evenkeel_using_subcommand help; and __fish_seen_subcommand_from stats" -f -a "sample-size" -d 'How long must be measured to see an effect?'
