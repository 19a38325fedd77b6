package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/rogpeppe/go-internal/testscript"
)

// active NAME: whose token NAME is works in the workbench at this moment, as its page tells the
// server.
func cmdActive(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1, "active NAME")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, res, err := websocket.Dial(ctx, strings.Replace(worldOf(ts).front.URL, "http", "ws", 1)+"/api/v1/live", &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Bearer " + ts.Getenv("TOKEN_"+args[0])}},
	})
	ts.Check(err)
	if res.Body != nil {
		_ = res.Body.Close()
	}
	var hello struct{ Type string }
	ts.Check(wsjson.Read(ctx, conn, &hello))
	if hello.Type != "hello" {
		ts.Fatalf("the stream begins with %q", hello.Type)
	}
	ts.Check(wsjson.Write(ctx, conn, map[string]string{"type": "active", "account": scriptKey}))
	// The server reads what was said before it answers the end.
	ts.Check(conn.Close(websocket.StatusNormalClosure, ""))
}
