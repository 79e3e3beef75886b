# Completion of mptcp-top for bash 4.4 and later.
# What may stand at the cursor is asked of the program itself, so it is always that of the version at hand.

_mptcp_top() {
    local IFS=$'\n' lines line whole own
    COMPREPLY=()
    mapfile -t lines < <("$1" completion bash --line "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
    if [[ ${lines[0]} == files ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$2")
        return
    fi
    # To bash a word may begin anew at : and =, so what stands before that is not to be repeated.
    whole=${lines[0]#word } own=$2
    [[ $own == [:=] ]] && own=
    whole=${whole%"$own"}
    for line in "${lines[@]:1}"; do
        line=${line%%$'\t'*}
        [[ $line == *[:=] ]] && compopt -o nospace  # it goes on
        line=${line#"$whole"}
        # In quotes that are open blanks stand as they are; what means something even there is never put there.
        if [[ ${COMP_WORDS[COMP_CWORD]} != [\'\"]* || $line == *[\'\"\\\$\`\!]* ]]; then
            printf -v line %q "$line"
        fi
        COMPREPLY+=("$line")
    done
}

complete -F _mptcp_top mptcp-top
