package handler

import (
	"context"
	"net/http"

	"deskmate/model"
)

// mySeatView is the caller as a seat.
type mySeatView struct {
	UserID      string                 `json:"userid"`
	Name        string                 `json:"name"`
	State       model.SeatState        `json:"state" enum:"online,away,offline"`
	Serving     int                    `json:"serving" doc:"Sessions now"`
	Capacity    int                    `json:"capacity" doc:"Sessions at once; 0: no limit"`
	Permissions []model.SeatPermission `json:"permissions" enum:"answer,records,knowledge,profile"`
}

// mySeat is the caller as a seat of the account; a member without a seat has no state.
func (a *API) mySeat(ctx context.Context, acc model.Account) (model.Seat, error) {
	who := callerFrom(ctx)
	if who.UserID == "" {
		return model.Seat{}, errNoMember
	}
	seat, err := a.cfg.Roster.AccountSeat(ctx, acc.Key, who.UserID)
	if model.CodeOf(err) == model.CodeNotFound || err == nil && seat.LeftMS != 0 {
		err = errNoSeat
	}
	return seat, err
}

func viewMySeat(acc model.Account, s model.Seat) mySeatView {
	v := mySeatView{UserID: s.UserID, Name: s.Name, State: s.State, Serving: s.Load, Capacity: s.Limit(acc.Policy.Assignment)}
	for _, p := range []model.SeatPermission{model.MayAnswer, model.MayRead, model.MayKnowledge, model.MayProfile} {
		if s.May(p) {
			v.Permissions = append(v.Permissions, p)
		}
	}
	v.Permissions = notNil(v.Permissions)
	return v
}

func (a *API) registerSeat(s surface) {
	const tag = "seat"
	within(s, call(http.MethodGet, "getSeat", account+"/me", tag, "The caller as a seat of the account"),
		func(ctx context.Context, acc model.Account, _ *AccountPath) (*body[mySeatView], error) {
			seat, err := a.mySeat(ctx, acc)
			return reply(viewMySeat(acc, seat), err)
		})
	type setState struct {
		AccountPath
		OnceKey
		Body struct {
			State model.SeatState `json:"state" enum:"online,away,offline"`
		}
	}
	within(s, call(http.MethodPut, "setMyState", account+"/me/state", tag, "Go online, away or offline"),
		func(ctx context.Context, acc model.Account, in *setState) (*body[mySeatView], error) {
			seat, err := a.mySeat(ctx, acc)
			if err != nil {
				return nil, err
			}
			ev := model.Event{Kind: model.EventSeatState, Reason: string(in.Body.State)}
			if _, err := a.act(ctx, acc, seat.UserID, in.IdempotencyKey, ev); err != nil {
				return nil, err
			}
			seat, err = a.mySeat(ctx, acc)
			return reply(viewMySeat(acc, seat), err)
		})
	type takeNext struct {
		AccountPath
		OnceKey
	}
	within(s, call(http.MethodPost, "takeNext", account+"/next", tag, "Take the longest waiting session that one may take; without one there is no session in the answer"),
		func(ctx context.Context, acc model.Account, in *takeNext) (*body[doneView], error) {
			who := callerFrom(ctx)
			if err := mayAct(who); err != nil {
				return nil, err
			}
			return reply(a.act(ctx, acc, who.UserID, in.IdempotencyKey, model.Event{Kind: model.EventSeatNext}))
		})
	upload := call(http.MethodPost, "createFile", account+"/files", tag, "Store a picture or file to reply with")
	within(s, upload, func(ctx context.Context, acc model.Account, in *MediaUpload) (*body[mediaView], error) {
		if err := mayAct(callerFrom(ctx)); err != nil {
			return nil, err
		}
		return a.createMedia(ctx, acc, in)
	})
}
