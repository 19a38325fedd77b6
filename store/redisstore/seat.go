package redisstore

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"deskmate/model"
)

// seatKept is how long the counters of an account without assignments are kept. After
// that they begin again with SQL's figures.
const seatKept = 7 * 24 * time.Hour

// Reserve picks a seat for a session and counts the session to it, in one step, so that no two
// replicas give away the same place. The previous seat ("" for nobody) gets it if the
// account prefers that and the seat is not busy: below its limit or, without one, below the
// lowest load + BusyGap. Otherwise those of the highest priority come first, as long as one of
// them isn't busy; then the lowest load wins, then the longest time since the last assignment,
// then turns. Nobody free gives an empty seat and [model.PickNone].
//
// A load is what Redis counts or what the candidate brings, whichever is higher: an emptied
// Redis begins with SQL's figures, and one that counts too little can't keep proposing a
// full seat. What is reserved is a proposal: SQL has the last word, and who is refused
// there must Release.
//
// The error is [model.ErrUnavailable] while Redis is away, or that of ctx; nothing is reserved
// then as far as the caller is concerned, and SetLoads clears what was.
func (s *Store) Reserve(
	ctx context.Context, accountID uint64, cands []model.Candidate, previous string, p model.Assignment,
) (model.Pick, error) {
	if len(cands) == 0 {
		return model.Pick{Why: model.PickNone}, nil
	}
	if !p.PreferPrevious {
		previous = ""
	}
	args := []any{s.now().UnixMilli(), max(p.BusyGap, 1), previous, seatKept.Milliseconds()}
	// The script takes equal seats in the order given: sorted, since Lua's own order of
	// texts depends on the server's locale.
	sorted := slices.SortedFunc(slices.Values(cands), func(a, b model.Candidate) int { return cmp.Compare(a.UserID, b.UserID) })
	for _, c := range sorted {
		args = append(args, c.UserID, c.Limit, c.Load, c.LastAssignedMS, c.Priority)
	}
	keys := []string{s.keys.seatLoad(accountID), s.keys.seatLast(accountID), s.keys.seatTurn(accountID)}
	var got []string
	err := s.call(ctx, "reserve seat", func(ctx context.Context) (err error) {
		got, err = s.scripts.reserve.Run(ctx, s.client, keys, args...).StringSlice()
		return err
	})
	if err != nil {
		return model.Pick{}, err
	}
	return model.Pick{Seat: got[0], Why: model.PickWhy(got[1])}, nil
}

// Release takes one session off the seat's load, which does not go below 0. A seat that
// Redis knows nothing of stays unknown. The error is [model.ErrUnavailable], or that of ctx.
func (s *Store) Release(ctx context.Context, accountID uint64, seat string) error {
	return s.call(ctx, "release seat", func(ctx context.Context) error {
		return s.scripts.release.Run(ctx, s.client, []string{s.keys.seatLoad(accountID)}, seat).Err()
	})
}

// SetLoads replaces what Redis counts by SQL's figures; seats that are not named are
// forgotten. A session reserved but not yet stored is lost from the count until the
// next time; SQL's refusal covers that. The error is [model.ErrUnavailable], or that of ctx.
func (s *Store) SetLoads(ctx context.Context, accountID uint64, loads map[string]int) error {
	args := []any{seatKept.Milliseconds()}
	for seat, load := range loads {
		args = append(args, seat, max(load, 0))
	}
	return s.call(ctx, "set seat loads", func(ctx context.Context) error {
		return s.scripts.setLoads.Run(ctx, s.client, []string{s.keys.seatLoad(accountID)}, args...).Err()
	})
}

// Loads is what Redis counts for each seat it knows of. The error is
// [model.ErrUnavailable], or that of ctx.
func (s *Store) Loads(ctx context.Context, accountID uint64) (map[string]int, error) {
	loads := map[string]int{}
	err := s.call(ctx, "read seat loads", func(ctx context.Context) error {
		all, err := s.client.HGetAll(ctx, s.keys.seatLoad(accountID)).Result()
		for seat, text := range all {
			if loads[seat], err = strconv.Atoi(text); err != nil {
				return err
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return loads, nil
}

// reserveLua: KEYS loads, last assignments, turns. ARGV now, gap, previous (”: none),
// ms to keep; then user, limit, load, last assignment, priority of each candidate, sorted by user.
// Returns the seat and why. bot/seat has the same rules, and a test holds them together.
const reserveLua = `
local now, gap, previous, keep = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4]
local first, each = 5, 5
local ids = {}
for i = first, #ARGV, each do
  ids[#ids + 1] = ARGV[i]
end
local loads = redis.call('HMGET', KEYS[1], unpack(ids))
local lasts = redis.call('HMGET', KEYS[2], unpack(ids))

local free, lowest, newest = {}, nil, now - 1
for n, id in ipairs(ids) do
  local at = first + (n - 1) * each
  local limit, known = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local counted = loads[n] and tonumber(loads[n])
  local load = math.max(counted or 0, known)
  local last = math.max(lasts[n] and tonumber(lasts[n]) or 0, tonumber(ARGV[at + 3]))
  newest = math.max(newest, last)
  if limit <= 0 or load < limit then
    free[#free + 1] = {id = id, limit = limit, load = load, last = last, counted = counted or known, priority = tonumber(ARGV[at + 4])}
    lowest = math.min(lowest or load, load)
  end
end

-- Each assignment is later than every other, even within a millisecond or by a slow clock.
local function take(seat, why)
  redis.call('HSET', KEYS[1], seat.id, string.format('%.0f', seat.counted + 1))
  redis.call('HSET', KEYS[2], seat.id, string.format('%.0f', newest + 1))
  for i = 1, #KEYS do
    redis.call('PEXPIRE', KEYS[i], keep)
  end
  return {seat.id, why}
end

if #free == 0 then
  return {'', 'none'}
end
-- Of who isn't busy, the highest priority; of those, the lowest load. The lowest of all is
-- never busy, so there is somebody.
local top, fewest
for _, seat in ipairs(free) do
  seat.idle = seat.limit > 0 or seat.load < lowest + gap
  if seat.idle and seat.id == previous then
    return take(seat, 'previous')
  end
  if seat.idle and (not top or seat.priority > top) then
    top, fewest = seat.priority, seat.load
  elseif seat.idle and seat.priority == top then
    fewest = math.min(fewest, seat.load)
  end
end
local least, earliest = {}, nil
for _, seat in ipairs(free) do
  if seat.idle and seat.priority == top and seat.load == fewest then
    least[#least + 1] = seat
    earliest = math.min(earliest or seat.last, seat.last)
  end
end
if #least == 1 then
  return take(least[1], 'least_busy')
end
local equal = {}
for _, seat in ipairs(least) do
  if seat.last == earliest then
    equal[#equal + 1] = seat
  end
end
local turn = redis.call('INCR', KEYS[3]) - 1
return take(equal[turn % #equal + 1], 'tie')
`

// releaseLua: KEYS loads; ARGV the seat.
const releaseLua = `
local load = redis.call('HGET', KEYS[1], ARGV[1])
if load and tonumber(load) > 0 then
  return redis.call('HINCRBY', KEYS[1], ARGV[1], -1)
end
return 0
`

// setLoadsLua: KEYS loads; ARGV ms to keep, then seat and load of each.
const setLoadsLua = `
redis.call('DEL', KEYS[1])
for i = 2, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 0
`
