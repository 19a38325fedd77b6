package model

// Replica is a running copy of the program, as it tells of itself.
type Replica struct {
	Name       string   `json:"name"` // as in leases
	Host       string   `json:"host"`
	PID        int      `json:"pid"`
	Version    string   `json:"version"`
	StartedMS  int64    `json:"started_ms"`
	SeenMS     int64    `json:"-"` // when it last told
	MemoryB    uint64   `json:"memory_bytes"`
	Goroutines int      `json:"goroutines"`
	Bases      []uint64 `json:"bases,omitempty"` // accounts whose knowledge it has in memory
	Redis      bool     `json:"redis"`           // it reaches Redis
}

// AccountLoad is what of one account waits.
type AccountLoad struct {
	Events       int   // to be decided; see LoadCounted
	EventSinceMS int64 // when the oldest of them arrived; 0: there are none
	Pushes       int   // to be sent
	PushSinceMS  int64 // when the oldest of them was written
	Dead         int   // given up on
	Uncertain    int   // given up on, perhaps arrived
	Unindexed    int   // sessions that the search doesn't know whole yet
	BotHolder    string
	BotUntilMS   int64 // until when BotHolder holds the account's AI bot
}

// LoadCounted is the greatest figure of an [AccountLoad]: what is more is not counted.
const LoadCounted = 1000

// Schema is how far a database is.
type Schema struct {
	Dialect string // sqlite or mysql
	Server  string // what the server calls itself
	At      int64  // the newest migration applied
	Known   int64  // the newest that this program knows
}
