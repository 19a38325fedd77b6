package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"deskmate/bot/mask"
	"deskmate/config"
	"deskmate/handler"
	"deskmate/model"
	"deskmate/trace"
)

// version is set by the linker.
var version = "dev"

// The exit codes, as scripts rely on them.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// program is what every command runs with. Tests give it another clock.
type program struct {
	environ        []string
	stdout, stderr io.Writer
	now            func() time.Time    // nil: time.Now
	listening      func(addr string)   // called by serve once callbacks are taken; may be nil
	people         []handler.DemoLogin // whom visitors may be; in the demo alone
	signIn         string              // where WeCom's sign-in pages are; "": WeCom's own
}

// command is one subcommand. Its name may be two words.
type command struct {
	name  string
	args  string // of the usage line
	short string // one line for the list
	long  string // the rest of --help; may be empty
	flags func(*flag.FlagSet)
	run   func(ctx context.Context, p program, flags *flag.FlagSet) error
}

func commands() []command {
	return []command{
		serveCommand(), demoCommand(), migrateUpCommand(), migrateStatusCommand(),
		accountApplyCommand(), accountListCommand(),
		calendarShowCommand(), calendarImportCommand(), calendarSetCommand(), calendarUnsetCommand(),
		kbImportCommand(), kbExportCommand(), kbAskCommand(), kbEvalCommand(),
		kbCheckCommand(), kbChangesCommand(), kbUndoCommand(), kbSynonymsCommand(), kbGoldenCommand(), kbMissesCommand(), kbThresholdsCommand(), auditVerifyCommand(),
		recordsSearchCommand(), recordsShowCommand(), recordsExportCommand(),
		statsRebuildCommand(), retentionCommand(), eraseCommand(), outboxDeadCommand(), outboxRetryCommand(),
		adminLoginLinkCommand(), adminTokenCreateCommand(), adminTokenListCommand(), adminTokenRevokeCommand(),
		doctorCommand(), healthCommand(), versionCommand(),
	}
}

// usageError is a command line that makes no sense.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// run does what the command line says and gives the exit code.
func (p program) run(ctx context.Context, args []string) int {
	if p.now == nil {
		p.now = time.Now
	}
	err := p.dispatch(ctx, args)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return exitDone
	}
	_, _ = fmt.Fprintf(p.stderr, "deskmate: %v\n", err)
	if _, usage := errors.AsType[usageError](err); usage {
		_, _ = fmt.Fprintln(p.stderr, "Run 'deskmate --help' for the commands.")
		return exitUsage
	}
	return exitFailed
}

func (p program) dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 {
		p.printCommands(p.stderr)
		return usagef("no command given")
	}
	if args[0] == "--help" || args[0] == "-h" || args[0] == "help" {
		p.printCommands(p.stdout)
		return nil
	}
	if args[0] == "--version" {
		args[0] = "version"
	}
	cmd, rest, err := find(args)
	if err != nil {
		return err
	}
	return p.runCommand(model.WithHand(ctx, model.Hand{Actor: cliAuthor}), cmd, rest)
}

// find is the command that the arguments begin with.
func find(args []string) (command, []string, error) {
	var group []string
	for _, c := range commands() {
		words := strings.Fields(c.name)
		if len(args) >= len(words) && strings.Join(args[:len(words)], " ") == c.name {
			return c, args[len(words):], nil
		}
		if words[0] == args[0] {
			group = append(group, c.name)
		}
	}
	if len(group) > 0 {
		if len(args) > 1 && (args[1] == "--help" || args[1] == "-h") {
			return groupHelp(args[0]), nil, nil
		}
		return command{}, nil, usagef("%s needs one of: %s", args[0], strings.Join(group, ", "))
	}
	return command{}, nil, usagef("there is no command %q", args[0])
}

// groupHelp prints the commands that begin with the same word.
func groupHelp(word string) command {
	return command{name: word, run: func(_ context.Context, p program, _ *flag.FlagSet) error {
		for _, c := range commands() {
			if strings.HasPrefix(c.name, word+" ") {
				_, _ = fmt.Fprintf(p.stdout, "deskmate %s %s\n    %s\n", c.name, c.args, c.short)
			}
		}
		return nil
	}}
}

func (p program) runCommand(ctx context.Context, cmd command, args []string) error {
	flags := flag.NewFlagSet("deskmate "+cmd.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	if cmd.flags != nil {
		cmd.flags(flags)
	}
	err := parseInterleaved(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		p.printHelp(cmd, flags)
		return err
	}
	if err != nil {
		return usagef("%s: %v", cmd.name, err)
	}
	return cmd.run(ctx, p, flags)
}

// parseInterleaved takes flags before and after the arguments, as people write them.
func parseInterleaved(flags *flag.FlagSet, args []string) error {
	var plain []string
	for {
		if err := flags.Parse(args); err != nil {
			return err
		}
		if flags.NArg() == 0 {
			break
		}
		if n := len(args) - flags.NArg(); n > 0 && args[n-1] == "--" {
			plain = append(plain, flags.Args()...)
			break
		}
		plain = append(plain, flags.Arg(0))
		args = flags.Args()[1:]
	}
	return flags.Parse(append([]string{"--"}, plain...))
}

func (p program) printCommands(w io.Writer) {
	_, _ = fmt.Fprint(w, "Deskmate is a self-hosted employee service desk (员工服务) for WeCom (企业微信).\n\nCommands:\n")
	for _, c := range commands() {
		_, _ = fmt.Fprintf(w, "  %-20s %s\n", c.name, c.short)
	}
	_, _ = fmt.Fprint(w, "\n'deskmate COMMAND --help' says more. Settings are environment variables DESKMATE_… or a YAML file\n"+
		"(--config FILE); config/example.env lists them.\nExit codes: 0 done, 1 failed, 2 wrong usage.\n")
}

func (p program) printHelp(cmd command, flags *flag.FlagSet) {
	_, _ = fmt.Fprintf(p.stdout, "usage: deskmate %s %s\n\n%s\n", cmd.name, cmd.args, cmd.short)
	if cmd.long != "" {
		_, _ = fmt.Fprintf(p.stdout, "\n%s\n", cmd.long)
	}
	flags.SetOutput(p.stdout)
	first := true
	flags.VisitAll(func(f *flag.Flag) {
		if first {
			_, _ = fmt.Fprintln(p.stdout, "\nOptions:")
			first = false
		}
		_, _ = fmt.Fprintf(p.stdout, "  --%-12s %s\n", f.Name, f.Usage)
	})
}

// wantArgs checks the number of arguments after the flags.
func wantArgs(flags *flag.FlagSet, names ...string) error {
	if flags.NArg() == len(names) {
		return nil
	}
	if flags.NArg() > len(names) {
		return usagef("%s: unexpected argument %q", commandName(flags), flags.Arg(len(names)))
	}
	return usagef("%s: %s is missing", commandName(flags), strings.Join(names[flags.NArg():], " and "))
}

func commandName(flags *flag.FlagSet) string { return strings.TrimPrefix(flags.Name(), "deskmate ") }

// settingsFlag adds --config to a command that reads the settings.
func settingsFlag(f *flag.FlagSet) { f.String("config", "", "a YAML file with the settings") }

// settings reads and checks all settings. Wrong ones are the operator's mistake, not the
// command line's: exit 1.
func (p program) settings(flags *flag.FlagSet) (config.Config, error) {
	cfg, err := config.Load(config.Source{File: flags.Lookup("config").Value.String(), Environ: p.environ})
	if err != nil {
		return config.Config{}, fmt.Errorf("the settings are wrong:\n%w", err)
	}
	return config.EnsureSecretKey(cfg)
}

// logger writes to standard error, one JSON line an event. Numbers that identify a person or their
// money are hidden in it, whoever logs them.
func (p program) logger(level slog.Level) *slog.Logger {
	return slog.New(trace.InLog(slog.NewJSONHandler(p.stderr, &slog.HandlerOptions{Level: level, ReplaceAttr: hidePersons})))
}

// hidePersons hides such numbers in what is logged as text.
func hidePersons(_ []string, a slog.Attr) slog.Attr {
	if a.Key == trace.LogKey {
		return a // digits of chance
	}
	switch v := a.Value.Any().(type) {
	case string:
		a.Value = slog.StringValue(mask.Text(v))
	case error:
		a.Value = slog.StringValue(mask.Text(v.Error()))
	}
	return a
}

func versionCommand() command {
	return command{name: "version", short: "print the version", run: func(_ context.Context, p program, flags *flag.FlagSet) error {
		if err := wantArgs(flags); err != nil {
			return err
		}
		_, err := fmt.Fprintln(p.stdout, "deskmate", version)
		return err
	}}
}
