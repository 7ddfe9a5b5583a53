# completion.fish SCRIPT: what the script completes; run by fish.
source $argv[1]
or exit 1

# completes LINE ANSWERS...: in any order; descriptions are not compared.
function completes
    set -l found (complete -C $argv[1] | string replace -r '\t.*' '' | sort)
    set -l wanted (string join -- \n $argv[2..-1] | sort)
    if test "$found" != "$wanted"
        echo "'$argv[1]' becomes '$found' instead of '$wanted'" >&2
        exit 1
    end
end

cd (dirname $argv[1])
completes 'maxsharpe se' search
completes 'maxsharpe ' search bench devices completion
completes 'maxsharpe search --dr' --draws
completes 'maxsharpe search script -k 3 --dr' --draws
completes 'maxsharpe search --draws ' fresh shared
completes 'maxsharpe search --draws=s' --draws=shared
completes 'maxsharpe search --evaluator ' auto openblas fused staged
completes 'maxsharpe search -k '
completes 'maxsharpe search ' script
completes 'maxsharpe search -o ' script
completes 'maxsharpe bench -o '
completes 'maxsharpe bench --format ' text json
completes 'maxsharpe bench --part peaks,s' peaks,scaling peaks,sizes
completes 'maxsharpe completion ' bash zsh fish
