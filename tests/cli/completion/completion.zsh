# completion.zsh SCRIPT: the script can be read in both ways; run by zsh. What it completes is seen in a terminal alone.
set -eu
folder=$(dirname $1)
autoload -Uz compinit

# As a file that is read: it registers itself.
compinit -u -D
source $1
[[ $_comps[maxsharpe] == _maxsharpe ]]

# From a folder of functions, by its first line.
unset '_comps[maxsharpe]'
unfunction _maxsharpe
cp $1 $folder/_maxsharpe
fpath=($folder $fpath)
compinit -u -D
[[ $_comps[maxsharpe] == _maxsharpe ]]
