package wecom

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strconv"

	"github.com/silenceper/wechat/v2/work/addresslist"
	workcontext "github.com/silenceper/wechat/v2/work/context"
	"golang.org/x/sync/errgroup"

	"deskmate/model"
)

// directoryCalls is how many calls a full reading makes at once. WeCom takes 10 000 a
// minute per corp and refuses too many in parallel (doc path/90312).
const directoryCalls = 4

// Directory reads all that the account's app may see of the corp's directory: the
// departments of its visible range, their members, and the members that the range names
// one by one or by a tag. It is all or an error, but for what vanished while it read.
func (c *Client) Directory(ctx context.Context, acc model.Account) (model.Directory, error) {
	departments, err := c.departments(ctx, acc)
	if err != nil {
		return model.Directory{}, fmt.Errorf("read departments: %w", err)
	}
	found := people{byID: map[string]model.Member{}}
	for _, department := range departments {
		found.departments = append(found.departments, department.ID)
	}
	if err := c.membersOf(ctx, acc, &found); err != nil {
		return model.Directory{}, fmt.Errorf("read members: %w", err)
	}
	if err := c.membersNamed(ctx, acc, &found); err != nil {
		return model.Directory{}, fmt.Errorf("read members outside departments: %w", err)
	}
	return model.Directory{Departments: departments, Members: found.members}, nil
}

// Member reads one member (doc path/90196). One who does not exist or whom the app may not
// see is [model.ErrNotFound].
func (c *Client) Member(ctx context.Context, acc model.Account, userID string) (model.Member, error) {
	var got *addresslist.UserGetResponse
	err := c.viaSDK(ctx, acc, callTimeout, func(sdk *workcontext.Context) error {
		var err error
		got, err = addresslist.NewClient(sdk).UserGet(url.QueryEscape(userID))
		return err
	})
	if refusedWith(err, 60111, 46004, 40003, 60011, 50002, 60021) {
		return model.Member{}, fmt.Errorf("read member: %w: %w", model.ErrNotFound, err)
	}
	if err != nil {
		return model.Member{}, fmt.Errorf("read member: %w", err)
	}
	return c.member(acc, userEntry{
		UserID: got.UserID, Name: got.Name, Departments: int64s(got.Department),
		MainDepartment: int64(got.MainDepartment), Status: got.Status,
	}), nil
}

// userEntry is what Deskmate uses of a member as WeCom lists it.
type userEntry struct {
	UserID         string  `json:"userid"`
	Name           string  `json:"name"`
	Departments    []int64 `json:"department"`
	MainDepartment int64   `json:"main_department"`
	Status         int     `json:"status"`
}

func (c *Client) member(acc model.Account, entry userEntry) model.Member {
	return model.Member{
		CorpID: model.Fold(acc.CorpID), UserID: model.Fold(entry.UserID), DisplayID: entry.UserID,
		Name: entry.Name, MainDepartment: entry.MainDepartment, Departments: entry.Departments,
		Status: entry.Status, UpdatedMS: model.MS(c.now()),
	}
}

// people collects members, each once: a list names them once for every department they
// are in.
type people struct {
	departments []int64
	byID        map[string]model.Member
	members     []model.Member
}

func (p *people) add(m model.Member) {
	if _, ok := p.byID[m.UserID]; ok || m.UserID == "" {
		return
	}
	p.byID[m.UserID] = m
	p.members = append(p.members, m)
}

// departments reads the visible tree: the ids in one call of our own, for the SDK's can't
// leave the id out, then each department by itself, as WeCom advises (doc path/95350).
func (c *Client) departments(ctx context.Context, acc model.Account) ([]model.Department, error) {
	var answer struct {
		Departments []struct {
			ID       int64 `json:"id"`
			ParentID int64 `json:"parentid"`
		} `json:"department_id"`
	}
	if err := c.call(ctx, acc, request{endpoint: "department/simplelist"}, &answer); err != nil {
		return nil, err
	}
	now := model.MS(c.now())
	list := make([]model.Department, len(answer.Departments))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(directoryCalls)
	for i, entry := range answer.Departments {
		group.Go(func() error {
			name, err := c.departmentName(ctx, acc, entry.ID)
			if refusedWith(err, 60003, 60123, 60011, 50002) {
				return nil // gone since
			}
			if err != nil {
				return err
			}
			list[i] = model.Department{
				CorpID: model.Fold(acc.CorpID), ID: entry.ID, ParentID: entry.ParentID, Name: name, UpdatedMS: now,
			}
			return nil
		})
	}
	err := group.Wait()
	return slices.DeleteFunc(list, func(d model.Department) bool { return d.ID == 0 }), err
}

func (c *Client) departmentName(ctx context.Context, acc model.Account, id int64) (string, error) {
	var name string
	err := c.viaSDK(ctx, acc, callTimeout, func(sdk *workcontext.Context) error {
		got, err := addresslist.NewClient(sdk).DepartmentGet(int(id))
		if err != nil {
			return err
		}
		name = got.Name
		return nil
	})
	return name, err
}

// membersOf reads the members of the departments found, whom user/list gives with the one
// call that the SDK lacks (doc path/90201).
func (c *Client) membersOf(ctx context.Context, acc model.Account, found *people) error {
	lists := make([][]userEntry, len(found.departments))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(directoryCalls)
	for i, id := range found.departments {
		group.Go(func() error {
			var answer struct {
				Users []userEntry `json:"userlist"`
			}
			query := url.Values{"department_id": {strconv.FormatInt(id, 10)}}
			err := c.call(ctx, acc, request{endpoint: "user/list", query: query}, &answer)
			if refusedWith(err, 60003, 60123, 60011, 50002) {
				return nil
			}
			lists[i] = answer.Users
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, list := range lists {
		for _, entry := range list {
			found.add(c.member(acc, entry))
		}
	}
	return nil
}

// membersNamed adds the members whom no department shows: those that the visible range
// names, and those under its tags.
func (c *Client) membersNamed(ctx context.Context, acc model.Account, found *people) error {
	agent, err := c.AgentGet(ctx, acc)
	if err != nil {
		return err
	}
	names := agent.Users
	for _, tag := range agent.Tags {
		tagged, err := c.tagged(ctx, acc, tag)
		if _, refused := errors.AsType[*APIError](err); refused {
			c.log.WarnContext(ctx, "tag not readable", slog.Int64("tag_id", tag), slog.Any("err", err))
			continue
		}
		if err != nil {
			return err
		}
		names = append(names, tagged...)
	}
	for _, name := range names {
		if _, ok := found.byID[model.Fold(name)]; ok {
			continue
		}
		m, err := c.Member(ctx, acc, name)
		if errors.Is(err, model.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		found.add(m)
	}
	return nil
}

// tagged are the userids under a tag, as far as the app may see them (doc path/90213).
func (c *Client) tagged(ctx context.Context, acc model.Account, tag int64) ([]string, error) {
	var answer struct {
		Users []userEntry `json:"userlist"`
	}
	query := url.Values{"tagid": {strconv.FormatInt(tag, 10)}}
	if err := c.call(ctx, acc, request{endpoint: "tag/get", query: query}, &answer); err != nil {
		return nil, err
	}
	var userIDs []string
	for _, user := range answer.Users {
		userIDs = append(userIDs, user.UserID)
	}
	return userIDs, nil
}

// refusedWith reports whether err is WeCom's refusal with one of the codes.
func refusedWith(err error, codes ...int64) bool {
	var api *APIError
	return errors.As(err, &api) && slices.Contains(codes, api.Code)
}

func int64s(ints []int) []int64 {
	var out []int64
	for _, n := range ints {
		out = append(out, int64(n))
	}
	return out
}
