//go:build !nocommands

package main

import (
	"context"
	"embed"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// completeWord is the first argument with which the completion scripts start
// this program. The words of the command line up to the cursor follow.
const completeWord = "__complete"

// filesWord stands for the names of files among the completions.
const filesWord = ":files"

//go:embed completion.bash completion.zsh completion.fish
var completionScripts embed.FS

// completionCommand prints the completion script of a shell.
type completionCommand struct{ streams }

func (*completionCommand) options(*flag.FlagSet) {}

func (c *completionCommand) run(_ context.Context, args []string) (int, error) {
	if len(args) != 1 {
		return 0, misuse("give one shell: bash, zsh or fish")
	}
	script, err := completionScripts.ReadFile("completion." + args[0])
	if err != nil {
		return 0, misuse("no completion for the shell %q, only for bash, zsh and fish", args[0])
	}
	_, err = c.out.Write(script)
	return 0, err
}

// complete prints the completions of the last word, one per line: the word, a
// tab, and its meaning.
func complete(words []string, out io.Writer) int {
	if len(words) == 0 {
		words = []string{""}
	}
	last := words[len(words)-1]
	for _, candidate := range candidates(words[:len(words)-1]) {
		word, _, _ := strings.Cut(candidate, "\t")
		if word != filesWord && !strings.HasPrefix(word, last) {
			continue
		}
		if strings.HasPrefix(word, "-") && !strings.HasPrefix(last, "-") {
			continue // options are offered once a hyphen is typed
		}
		if _, err := fmt.Fprintln(out, candidate); err != nil {
			return 1
		}
	}
	return 0
}

// candidates returns what can follow the words.
func candidates(words []string) (all []string) {
	chosen, rest, found := find(words)
	if !found {
		if len(words) == 0 {
			for _, c := range commands() {
				if !strings.Contains(c.name, " ") {
					all = append(all, c.name+"\t"+c.summary)
				}
			}
		}
		flags := flag.NewFlagSet("", flag.ContinueOnError)
		(&call{}).options(flags)
		return append(all, candidateOptions(flags, words)...)
	}
	flags := chosen.flags(chosen.create(streams{}))
	options := candidateOptions(flags, rest)
	if slices.Contains(options, filesWord) || len(options) == 0 && lastOption(flags, rest) != nil {
		return options // the value of an option
	}
	if !slices.ContainsFunc(rest, func(word string) bool { return !strings.HasPrefix(word, "-") && slices.Contains(chosen.words, word) }) {
		all = append(all, chosen.words...)
	}
	if chosen.files {
		all = append(all, filesWord)
	}
	return append(all, options...)
}

// candidateOptions returns the options, or what the value of the last one can
// be.
func candidateOptions(flags *flag.FlagSet, words []string) (all []string) {
	if option := lastOption(flags, words); option != nil {
		if kind, _ := flag.UnquoteUsage(option); kind == "FILE" {
			return []string{filesWord}
		}
		return nil
	}
	flags.VisitAll(func(option *flag.Flag) {
		_, usage := flag.UnquoteUsage(option)
		usage, _, _ = strings.Cut(usage, "\n")
		all = append(all, "-"+option.Name+"\t"+usage)
	})
	return append(all, "-help\tdescribe the command")
}

// lastOption returns the option that the last word names if its value comes
// next.
func lastOption(flags *flag.FlagSet, words []string) *flag.Flag {
	if len(words) == 0 || !strings.HasPrefix(words[len(words)-1], "-") {
		return nil
	}
	option := flags.Lookup(strings.TrimLeft(words[len(words)-1], "-"))
	if option == nil {
		return nil
	}
	if kind, isBool := option.Value.(interface{ IsBoolFlag() bool }); isBool && kind.IsBoolFlag() {
		return nil
	}
	return option
}
