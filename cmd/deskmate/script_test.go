package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"deskmate/wecom/wecomsim"
)

// TestScripts plays whole conversations against the real program and the simulator.
// CONTRIBUTING.md lists the commands a script has.
func TestScripts(t *testing.T) {
	t.Parallel()
	// Days begin at midnight, whenever tests are run: sessions are numbered by day.
	morning := func(w *world) error { return w.clock.advanceTo("09:00") }
	runScripts(t, "testdata/script", morning, func(*testscript.Env) []string { return nil })
}

// runScripts runs every script of a folder, in worlds that begin prepares, with settings that settings gives.
func runScripts(t *testing.T, dir string, begin func(*world) error, settings func(*testscript.Env) []string) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Dir: dir,
		Setup: func(env *testscript.Env) error {
			w, err := newWorld(env.WorkDir, settings(env)...)
			if err != nil {
				return err
			}
			env.Values[worldKey{}] = w
			env.Defer(w.close)
			env.Vars = append(env.Vars, w.env...)
			return begin(w)
		},
		Cmds: scriptCommands(),
	})
}

type scriptCommand = func(ts *testscript.TestScript, neg bool, args []string)

func scriptCommands() map[string]scriptCommand {
	return map[string]scriptCommand{
		"account":   cmdAccount,
		"serve":     cmdServe,
		"quit":      cmdQuit,
		"kill9":     cmdKill,
		"say":       cmdSay,
		"send":      cmdSend,
		"enter":     cmdEnter,
		"menu":      cmdMenu,
		"click":     cmdClick,
		"submit":    cmdSubmit,
		"sees":      cmdSees,
		"finds":     cmdFinds,
		"card":      cmdCard,
		"recalled":  cmdRecalled,
		"nothing":   cmdNothing,
		"elapse":    cmdElapse,
		"at":        cmdAt,
		"state":     cmdState,
		"outcomes":  cmdOutcomes,
		"settle":    cmdSettle,
		"fault":     cmdFault,
		"count":     cmdCount,
		"tokens":    cmdTokens,
		"drain":     cmdDrain,
		"burst":     cmdBurst,
		"lines":     cmdLines,
		"numbered":  cmdNumbered,
		"bag":       cmdBag,
		"until":     cmdUntil,
		"move":      cmdMove,
		"visible":   cmdVisible,
		"dismiss":   cmdDismiss,
		"today":     cmdToday,
		"audited":   cmdAudited,
		"public":    cmdPublic,
		"accepted":  cmdAccepted,
		"blob":      cmdBlob,
		"shows":     cmdShows,
		"race":      cmdRace,
		"model":     cmdModel,
		"modelsaw":  cmdModelSaw,
		"token":     cmdToken,
		"active":    cmdActive,
		"session":   cmdSession,
		"receiver":  cmdReceiver,
		"told":      cmdTold,
		"untold":    cmdUntold,
		"delivered": cmdDelivered,
		"dead":      cmdDead,
		"api":       cmdAPI,
		"upload":    cmdUpload,
		"group":     cmdGroup,
		"hears":     cmdHears,
		"silence":   cmdSilence,
		"bot":       cmdBot,
		"kept":      cmdKept,
		"files":     cmdFiles,
		"asof":      cmdAsOf,
	}
}

// TestScriptsOnServers plays the scripts whose point is several servers, on MariaDB and
// Redis.
func TestScriptsOnServers(t *testing.T) {
	t.Parallel()
	if os.Getenv("DESKMATE_TEST_MYSQL_URL") == "" || os.Getenv("DESKMATE_TEST_REDIS_URL") == "" {
		if inCI() {
			t.Fatal("DESKMATE_TEST_MYSQL_URL and DESKMATE_TEST_REDIS_URL must name servers in CI")
		}
		t.Skip("DESKMATE_TEST_MYSQL_URL and DESKMATE_TEST_REDIS_URL name no servers")
	}
	realTime := func(*world) error { return nil } // for servers of their own live in it
	runScripts(t, "testdata/servers", realTime, func(*testscript.Env) []string {
		return serverSettings(t)
	})
}

// says reports whether a bubble shows text anywhere.
func says(b wecomsim.Bubble, text string) bool { return strings.Contains(words(b), text) }

// words is all that a bubble shows.
func words(b wecomsim.Bubble) string {
	if b.Card != nil {
		return strings.Join(cardLines(*b.Card), " ")
	}
	if b.Media != nil {
		return "<" + b.Type + ">"
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s", b.Title, b.Text))
}

// lockedWriter lets a server write its log while a test reads none of it yet.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}
