package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"deskmate/model"
)

// limits are how many sends go out within sliding windows to one receiver, and what
// share of an account's day is used.
type limits struct {
	perMinute, perHour int
	dayShare           int // a day's budget is divided by this
}

// wholeBudget is what goes out over all replicas. WeCom takes 30 messages a minute and
// 1000 an hour per app and member and drops the rest without a word (doc path/90236); this
// leaves room for what is sent by hand, and for clocks that differ.
func wholeBudget() limits { return limits{perMinute: 25, perHour: 900, dayShare: 1} }

// ownShare is what one process takes while it can't ask the others. Up to three replicas
// then stay within WeCom's figures.
func ownShare() limits { return limits{perMinute: 10, perHour: 300, dayShare: 3} }

// dayKept is how long a day's count is kept: longer than any day lasts anywhere.
const dayKept = 48 * time.Hour

// errForgotten says that Redis lost sends which this process knows of.
var errForgotten = errors.New("redis lost the sends it knew of")

// Take asks to send one message of the account to the receiver, now. It returns 0 and
// counts the message, or how long to wait before asking again, and counts nothing.
// Within any minute 25 go to a receiver and within any hour 900, over all replicas;
// an account sends perDay a calendar day in Config.Location, or any number with 0.
// There is no way to give back what was counted: what was not sent in the end may have been.
//
// An emptied Redis is told again what each process sent. While Redis is away a process
// counts for itself and keeps to 10 a minute, 300 an hour and a third of the day (the whole
// with the embedded server). The error is that of ctx.
func (s *Store) Take(ctx context.Context, accountID uint64, receiver string, perDay int) (time.Duration, error) {
	t := s.newTaking(accountID, receiver, perDay)
	wait, err := s.takeShared(ctx, t)
	switch {
	case errors.Is(err, model.ErrUnavailable):
		return s.sends.take(t), nil
	case err != nil:
		return 0, err
	}
	if wait == 0 {
		s.sends.record(t)
	}
	return wait, nil
}

// Used is how many messages of the account were counted today, over all replicas. The error
// is [model.ErrUnavailable] while Redis is away, or that of ctx.
func (s *Store) Used(ctx context.Context, accountID uint64) (int, error) {
	total := 0
	err := s.call(ctx, "read the day's sends", func(ctx context.Context) error {
		counts, err := s.client.HVals(ctx, s.keys.sentOn(accountID, s.now().In(s.location).Format("20060102"))).Result()
		for _, text := range counts {
			if err != nil {
				break
			}
			var n int
			n, err = strconv.Atoi(text)
			total += n
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return total, nil
}

// taking is one message that wants to be sent.
type taking struct {
	accountID uint64
	receiver  string
	perDay    int
	nowMS     int64
	day       string        // yyyymmdd
	dayLeft   time.Duration // until the next day begins
	send      send
}

func (s *Store) newTaking(accountID uint64, receiver string, perDay int) taking {
	now := s.now().In(s.location)
	y, m, d := now.Date()
	return taking{
		accountID: accountID, receiver: model.Fold(receiver), perDay: max(perDay, 0),
		nowMS:   now.UnixMilli(),
		day:     now.Format("20060102"),
		dayLeft: max(time.Date(y, m, d+1, 0, 0, 0, 0, s.location).Sub(now), time.Millisecond),
		send:    send{atMS: now.UnixMilli(), no: s.sends.next()},
	}
}

// takeShared asks Redis, and tells it what it has forgotten if need be.
func (s *Store) takeShared(ctx context.Context, t taking) (time.Duration, error) {
	witness := ""
	if last, ok := s.sends.lastTo(t); ok {
		witness = s.member(last)
	}
	wait, err := s.runTake(ctx, t, witness, nil)
	if errors.Is(err, errForgotten) {
		wait, err = s.runTake(ctx, t, "", s.sends.to(t))
	}
	return wait, err
}

// runTake runs the script. It fails with errForgotten if Redis doesn't know the send
// named witness ("" for none); the sends in again are put back first.
func (s *Store) runTake(ctx context.Context, t taking, witness string, again []send) (time.Duration, error) {
	whole := wholeBudget()
	args := []any{
		t.nowMS, s.member(t.send), s.process, s.sends.onDay(t), t.perDay, t.dayLeft.Milliseconds(),
		whole.perMinute, whole.perHour, dayKept.Milliseconds(), witness,
	}
	for _, old := range again {
		args = append(args, old.atMS, s.member(old))
	}
	var waitMS int64
	err := s.call(ctx, "take from budget", func(ctx context.Context) (err error) {
		waitMS, err = s.scripts.take.Run(ctx, s.client,
			[]string{s.keys.sentTo(t.accountID, t.receiver), s.keys.sentOn(t.accountID, t.day)}, args...).Int64()
		return err
	})
	if err != nil {
		return 0, err
	}
	if waitMS < 0 {
		return 0, errForgotten
	}
	return time.Duration(waitMS) * time.Millisecond, nil
}

// member names a send in Redis; the same name twice counts once.
func (s *Store) member(one send) string { return fmt.Sprintf("%s:%d", s.process, one.no) }

// takeLua: KEYS sends to the receiver, sends of the day. ARGV now, name of the send,
// process, what the process knows it sent today, day's budget (0: none), ms left of the day,
// sends a minute, sends an hour, ms the day's count is kept, name of a send that must be
// known (”: none); then pairs of time and name of sends to put back.
// Returns the ms to wait, 0 for a send that counts, -1 if the known send is gone.
const takeLua = `
local minute, hour = 60000, 3600000
local now, process = tonumber(ARGV[1]), ARGV[3]
if ARGV[10] ~= '' and not redis.call('ZSCORE', KEYS[1], ARGV[10]) then
  return -1
end
for i = 11, #ARGV, 2 do
  redis.call('ZADD', KEYS[1], ARGV[i], ARGV[i + 1])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - hour))
if tonumber(redis.call('HGET', KEYS[2], process) or '0') < tonumber(ARGV[4]) then
  redis.call('HSET', KEYS[2], process, ARGV[4])
end

local wait = 0
local function window(count, span)
  local nth = redis.call('ZREVRANGE', KEYS[1], count - 1, count - 1, 'WITHSCORES')
  if nth[2] then
    wait = math.max(wait, tonumber(nth[2]) + span - now)
  end
end
window(tonumber(ARGV[7]), minute)
window(tonumber(ARGV[8]), hour)
local perDay = tonumber(ARGV[5])
if perDay > 0 then
  local sent = 0
  for _, n in ipairs(redis.call('HVALS', KEYS[2])) do
    sent = sent + tonumber(n)
  end
  if sent >= perDay then
    wait = math.max(wait, tonumber(ARGV[6]))
  end
end

if wait <= 0 then
  wait = 0
  redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
  redis.call('HINCRBY', KEYS[2], process, 1)
end
redis.call('PEXPIRE', KEYS[1], hour)
redis.call('PEXPIRE', KEYS[2], ARGV[9])
return wait
`
