package handler

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"deskmate/model"
)

// QuickReplies are the texts that seats send again and again.
type QuickReplies interface {
	QuickReplies(ctx context.Context, f model.QuickFilter) ([]model.QuickReply, error)
	QuickReply(ctx context.Context, accountID, id uint64) (model.QuickReply, error)
	// SaveQuickReply is [model.ErrStale] where the version expected is not what is stored.
	SaveQuickReply(ctx context.Context, q model.QuickReply) (model.QuickReply, error)
	DeleteQuickReply(ctx context.Context, accountID uint64, owner string, id, version uint64) error
	OrderQuickReplies(ctx context.Context, accountID uint64, owner string, ids []uint64) error
}

// QuickFields are what a caller says of a quick reply.
type QuickFields struct {
	Group    string `json:"group,omitempty" maxLength:"32"`
	Shortcut string `json:"shortcut" minLength:"1" maxLength:"32" doc:"What a seat types behind a slash: one word, its owner's only one of this name" example:"密码"`
	Title    string `json:"title,omitempty" maxLength:"32"`
	Text     string `json:"text" minLength:"1" maxLength:"2048" doc:"At most 2048 bytes. {employee} or {员工}, {seat} or {坐席}, {account} or {账号} stand for names"`
}

// quickView is a quick reply.
type quickView struct {
	ID        ID      `json:"id"`
	Own       bool    `json:"own" doc:"The seat's own, not the account's"`
	Group     string  `json:"group"`
	Shortcut  string  `json:"shortcut"`
	Title     string  `json:"title"`
	Text      string  `json:"text"`
	Version   uint64  `json:"version"`
	UpdatedAt Instant `json:"updated_at"`
}

func viewQuick(q model.QuickReply) quickView {
	return quickView{
		ID: NewID(q.ID), Own: q.Owner != "", Group: q.Group, Shortcut: q.Shortcut, Title: q.Title, Text: q.Text,
		Version: q.Version, UpdatedAt: NewInstant(q.UpdatedMS),
	}
}

func (f QuickFields) reply(acc model.Account, owner string) model.QuickReply {
	return model.QuickReply{
		AccountID: acc.ID, Owner: owner, Group: strings.TrimSpace(f.Group), Shortcut: strings.TrimSpace(f.Shortcut),
		Title: strings.TrimSpace(f.Title), Text: f.Text,
	}
}

// quickOwner is whose quick replies the caller writes: a seat its own, others the account's.
func quickOwner(who caller) string {
	if who.seat != nil {
		return who.UserID
	}
	return ""
}

// quickText is what a quick reply says to the session's employee. Another seat's own one is
// not there.
func (a *API) quickText(ctx context.Context, acc model.Account, w model.WorkSession, id uint64) (string, error) {
	who := callerFrom(ctx)
	q, err := a.cfg.Quick.QuickReply(ctx, acc.ID, id)
	if model.CodeOf(err) == model.CodeNotFound || err == nil && q.Owner != "" && q.Owner != who.UserID {
		return "", model.Invalid("quick_reply_missing", "没有这条快捷回复，可能已被删除")
	}
	if err != nil {
		return "", err
	}
	names, err := a.cfg.Sessions.Names(ctx, acc.CorpID, []string{who.UserID})
	return q.Expand(model.Names{Employee: w.Employee.ShortName(), Seat: names[who.UserID], Account: acc.Name}), err
}

func (a *API) registerQuick(s surface) {
	const tag = "quick replies"
	const path = account + "/quick-replies"
	type listQuick struct {
		AccountPath
		Text  string `query:"text" maxLength:"100" doc:"Only what has it in its group, shortcut, title or text"`
		After string `query:"after" maxLength:"64"`
		Limit int    `query:"limit" minimum:"1" maximum:"200" default:"100"`
	}
	within(s, call(http.MethodGet, "listQuickReplies", path, tag, "The account's quick replies, then the seat's own"),
		func(ctx context.Context, acc model.Account, in *listQuick) (*body[Listed[quickView]], error) {
			who := callerFrom(ctx)
			after, err := quickPlace(who, in.After)
			if err != nil {
				return nil, err
			}
			list, err := a.cfg.Quick.QuickReplies(ctx, model.QuickFilter{
				AccountID: acc.ID, Seat: quickOwner(who), Text: in.Text, After: after, Limit: in.Limit,
			})
			return reply(Listed[quickView]{Items: views(list, viewQuick), Next: nextQuick(list, in.Limit)}, err)
		})
	type createQuick struct {
		AccountPath
		Body QuickFields
	}
	within(s, call(http.MethodPost, "createQuickReply", path, tag, "Write a new quick reply: a seat its own, an owner the account's"),
		func(ctx context.Context, acc model.Account, in *createQuick) (*tagged[quickView], error) {
			q, err := a.cfg.Quick.SaveQuickReply(ctx, in.Body.reply(acc, quickOwner(callerFrom(ctx))))
			return replyTagged(viewQuick(q), q.Version, err)
		})
	type changeQuick struct {
		AccountPath
		Precondition
		ID   ID `path:"id"`
		Body struct {
			QuickFields
			Version uint64 `json:"version,omitempty" doc:"What the caller saw; without it the last writer wins"`
		}
	}
	within(s, call(http.MethodPut, "updateQuickReply", path+"/{id}", tag, "Change a quick reply"),
		func(ctx context.Context, acc model.Account, in *changeQuick) (*tagged[quickView], error) {
			q := in.Body.reply(acc, quickOwner(callerFrom(ctx)))
			q.ID = in.ID.number()
			var err error
			if q.Version, err = in.expect(in.Body.Version); err != nil {
				return nil, err
			}
			if q.Version == 0 { // the last writer wins
				old, err := a.cfg.Quick.QuickReply(ctx, acc.ID, q.ID)
				if err != nil {
					return nil, err
				}
				q.Version = old.Version
			}
			q, err = a.cfg.Quick.SaveQuickReply(ctx, q)
			return replyTagged(viewQuick(q), q.Version, err)
		})
	type deleteQuick struct {
		AccountPath
		Precondition
		ID ID `path:"id"`
	}
	within(s, call(http.MethodDelete, "deleteQuickReply", path+"/{id}", tag, "Delete a quick reply"),
		func(ctx context.Context, acc model.Account, in *deleteQuick) (*nothing, error) {
			version, err := in.expect(0)
			if err != nil {
				return nil, err
			}
			return replyNothing(a.cfg.Quick.DeleteQuickReply(ctx, acc.ID, quickOwner(callerFrom(ctx)), in.ID.number(), version))
		})
	type orderQuick struct {
		AccountPath
		Body struct {
			IDs []ID `json:"ids" maxItems:"500" uniqueItems:"true" doc:"In their new order; those that are missing stay behind them"`
		}
	}
	order := call(http.MethodPost, "orderQuickReplies", account+"/quick-reply-orders", tag, "Put quick replies into an order: a seat its own, an owner the account's")
	order.DefaultStatus = http.StatusNoContent
	within(s, order, func(ctx context.Context, acc model.Account, in *orderQuick) (*nothing, error) {
		return replyNothing(a.cfg.Quick.OrderQuickReplies(ctx, acc.ID, quickOwner(callerFrom(ctx)), numbers(in.Body.IDs)))
	})
}

// quickPlace reads what nextQuick wrote.
func quickPlace(who caller, after string) (model.QuickPlace, error) {
	if after == "" {
		return model.QuickPlace{}, nil
	}
	parts := strings.Split(after, "-")
	place := model.QuickPlace{}
	ok := len(parts) == 3
	if ok {
		var err, err2 error
		place.Position, err = strconv.Atoi(parts[1])
		place.ID, err2 = strconv.ParseUint(parts[2], 10, 63)
		ok = err == nil && err2 == nil
		if parts[0] == "own" {
			place.Owner = quickOwner(who)
		}
	}
	if !ok {
		return place, model.Invalid("bad_after", "after must be what next was on the page before")
	}
	return place, nil
}

func nextQuick(page []model.QuickReply, limit int) string {
	if len(page) == 0 || len(page) < limit {
		return ""
	}
	last, whose := page[len(page)-1], "account"
	if last.Owner != "" {
		whose = "own"
	}
	return whose + "-" + strconv.Itoa(last.Position) + "-" + strconv.FormatUint(last.ID, 10)
}
