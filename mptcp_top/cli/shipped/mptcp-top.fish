# Completion of mptcp-top for fish.
# What may stand at the cursor is asked of the program itself, so it is always that of the version at hand.

function __mptcp_top_words
    set -l program (commandline -opc)[1]
    set -l lines ($program completion fish --line (commandline -cp | string collect) 2>/dev/null)
    if test "$lines[1]" = files
        set -l flag (string match -r -- '^--[^=]*=' (commandline -ct))
        for path in (__fish_complete_path (string replace -r -- '^--[^=]*=' '' (commandline -ct)))
            printf '%s\n' "$flag"$path
        end
        return
    end
    string join \n -- $lines[2..]
end

complete -c mptcp-top -f -a '(__mptcp_top_words)'
