#include "cli/commands/completion.h"

static const char beginning[] =
    "# bash completion of maxsharpe, made by 'maxsharpe completion bash'.\n"
    "\n"
    "# Where it is called from, `word` is what is being typed.\n"
    "_maxsharpe_offer() {\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$*\" -- \"$word\")\n"
    "}\n"
    "\n"
    "# Words parted by commas: the last one is completed.\n"
    "_maxsharpe_offer_list() {\n"
    "    local others=\n"
    "    [[ $word != *,* ]] || others=${word%,*},\n"
    "    mapfile -t COMPREPLY < <(compgen -P \"$others\" -W \"$*\" -- \"${word##*,}\")\n"
    "    compopt -o nospace\n"
    "}\n"
    "\n"
    "_maxsharpe_offer_files() {\n"
    "    compopt -o default\n"
    "}\n"
    "\n"
    "_maxsharpe_offer_folders() {\n"
    "    compopt -o dirnames\n"
    "}\n"
    "\n"
    "_maxsharpe() {\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} i\n"
    "    COMPREPLY=()\n"
    "    if ((COMP_CWORD == 1)); then\n"
    "        _maxsharpe_offer";

static const char words_before[] =
    "        return\n"
    "    fi\n"
    "    # --option=value is three words here, or two while the value is empty.\n"
    "    if [[ $word == = ]]; then\n"
    "        word=\n"
    "    elif [[ $before == = ]]; then\n"
    "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n"
    "    for ((i = 2; i < COMP_CWORD; ++i)); do\n"
    "        [[ ${COMP_WORDS[i]} != -- ]] || before=--\n"
    "    done\n"
    "    case $command:$before in\n";

static const char ending[] =
    "    esac\n"
    "}\n"
    "complete -F _maxsharpe maxsharpe\n";

/* What completes the value of an option or operand. */
static void write_offer(FILE *out, const option_row *row) {
    char list[COMPLETION_LIST_SIZE];
    switch (row->kind->completion) {
    case COMPLETE_NOTHING:
        (void)fputs("return", out);
        break;
    case COMPLETE_CHOICE:
        (void)fprintf(out, "_maxsharpe_offer %s", list_for_shell(row->limits.choices, list));
        break;
    case COMPLETE_CHOICES:
        (void)fprintf(out, "_maxsharpe_offer_list %s", list_for_shell(row->limits.choices, list));
        break;
    case COMPLETE_FILE:
        (void)fputs("_maxsharpe_offer_files", out);
        break;
    case COMPLETE_FOLDER:
        (void)fputs("_maxsharpe_offer_folders", out);
        break;
    }
}

static void write_value_of(FILE *out, const command_syntax *syntax, const option_row *row) {
    (void)fputs("    ", out);
    if (row->letter != 0) {
        (void)fprintf(out, "%s:-%c | ", syntax->name, row->letter);
    }
    (void)fprintf(out, "%s:--%s) ", syntax->name, row->name);
    write_offer(out, row);
    (void)fputs(" ;;\n", out);
}

static void write_names(FILE *out, const command_syntax *syntax) {
    (void)fputs("_maxsharpe_offer", out);
    for (size_t i = 0; i < syntax->row_count; ++i) {
        if (syntax->rows[i].name != NULL) {
            (void)fprintf(out, " --%s", syntax->rows[i].name);
        }
    }
}

/* Behind an option that wants a value comes its value, behind "--" the operand; else both it and options may. */
static void write_command(FILE *out, const command_syntax *syntax) {
    for (size_t i = 0; i < syntax->row_count; ++i) {
        if (syntax->rows[i].name != NULL && syntax->rows[i].kind->takes_value) {
            write_value_of(out, syntax, &syntax->rows[i]);
        }
    }
    (void)fprintf(out, "    %s:--) ", syntax->name);
    if (syntax->operand.value == NULL) {
        (void)fprintf(out, "return ;;\n    %s:*) ", syntax->name);
        write_names(out, syntax);
    } else {
        write_offer(out, &syntax->operand);
        (void)fprintf(out, " ;;\n    %s:*)\n        if [[ $word == -* ]]; then\n            ", syntax->name);
        write_names(out, syntax);
        (void)fputs("\n        else\n            ", out);
        write_offer(out, &syntax->operand);
        (void)fputs("\n        fi\n       ", out);
    }
    (void)fputs(" ;;\n", out);
}

void write_bash_completion(FILE *out, const void *what) {
    (void)what;
    (void)fputs(beginning, out);
    for (size_t i = 0; i < command_count; ++i) {
        (void)fprintf(out, " %s", commands[i]->syntax->name);
    }
    (void)fprintf(out, " --help --version\n%s", words_before);
    for (size_t i = 0; i < command_count; ++i) {
        write_command(out, commands[i]->syntax);
    }
    (void)fputs(ending, out);
}
