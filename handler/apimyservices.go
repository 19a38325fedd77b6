package handler

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"deskmate/model"
)

// serviceItem is an account in the list from which employees choose (员工服务).
type serviceItem struct {
	Key         string   `json:"key"`
	Name        string   `json:"name"`
	Alias       string   `json:"alias,omitempty"`
	Avatar      string   `json:"avatar,omitempty" doc:"Its address"`
	Description string   `json:"description,omitempty" doc:"How it begins"`
	Words       []string `json:"words" doc:"What name and alias may be typed as: themselves, their pinyin, their initials"`
	Talked      bool     `json:"talked" doc:"The member has talked to it"`
}

// serviceView is an account as employees see it.
type serviceView struct {
	Key         string `json:"key"`
	Name        string `json:"name"`
	Alias       string `json:"alias,omitempty"`
	Avatar      string `json:"avatar,omitempty" doc:"Its address"`
	Gender      string `json:"gender,omitempty" enum:"male,female"`
	Landline    string `json:"landline,omitempty"`
	Description string `json:"description,omitempty"`
	Department  string `json:"department,omitempty"`
	WindowTitle string `json:"window_title,omitempty" doc:"Of the service window"`
	WindowURL   string `json:"window_url,omitempty"`
	Staffed     bool   `json:"staffed" doc:"Seats work now"`
	Talked      bool   `json:"talked" doc:"The member has talked to it"`
}

// ServicePath names an account as employees do: those that they may not see are not there.
type ServicePath struct {
	Service string `path:"service" maxLength:"40" doc:"The account's key"`
}

// visibleServices are the accounts that a member finds (S3): those that are enabled and have it
// in their scope, or talked to it before; none that bars it.
func (a *API) visibleServices(ctx context.Context, me self) (list []model.Account, talked map[uint64]bool, err error) {
	departments, err := a.cfg.My.DepartmentsAbove(ctx, me.corp, me.userID)
	if err != nil {
		return nil, nil, err
	}
	talked = map[uint64]bool{}
	for _, acc := range me.accounts {
		if !acc.Enabled || acc.Policy.Bars(me.userID) {
			continue
		}
		c, err := a.cfg.My.Conversation(ctx, acc.ID, me.userID)
		if err != nil {
			return nil, nil, err
		}
		talked[acc.ID] = c.CreatedMS != 0
		if scope := acc.Policy.Scope; talked[acc.ID] || scope == nil || scope.Has(me.userID, departments) {
			list = append(list, acc)
		}
	}
	return list, talked, nil
}

// service is an account that the caller sees.
func (a *API) service(ctx context.Context, key string) (me self, acc model.Account, talked bool, err error) {
	if me, err = a.self(ctx); err != nil {
		return me, acc, false, err
	}
	if acc, err = me.account(key); err != nil {
		return me, acc, false, err
	}
	me.accounts = []model.Account{acc}
	list, known, err := a.visibleServices(ctx, me)
	if err == nil && len(list) == 0 {
		err = errNoAccount
	}
	return me, acc, known[acc.ID], err
}

func (a *API) registerMyServices(s surface) {
	operation(s.API, call(http.MethodGet, "listMyServices", my+"/services", myTag, "The accounts that the caller may turn to (员工服务), by name"),
		func(ctx context.Context, _ *nothing) (*body[Listed[serviceItem]], error) {
			me, err := a.self(ctx)
			if err != nil {
				return nil, err
			}
			list, talked, err := a.visibleServices(ctx, me)
			slices.SortStableFunc(list, func(x, y model.Account) int { return strings.Compare(x.Name, y.Name) })
			return listed(list, err, func(acc model.Account) serviceItem { return a.viewServiceItem(acc, talked[acc.ID]) })
		})
	operation(s.API, call(http.MethodGet, "getMyService", my+"/services/{service}", myTag, "The profile of an account"),
		func(ctx context.Context, in *ServicePath) (*body[serviceView], error) {
			_, acc, talked, err := a.service(ctx, in.Service)
			if err != nil {
				return nil, err
			}
			return reply(a.viewService(acc, talked), nil)
		})
	type contacted struct {
		Sent bool `json:"sent" doc:"False where it wrote less than a minute ago"`
	}
	contact := call(http.MethodPost, "contactMyService", my+"/services/{service}/contact", myTag, "Have the account write to the caller (发起咨询), at most once a minute: the message opens the conversation in WeCom")
	contact.DefaultStatus = http.StatusOK
	operation(s.API, contact, func(ctx context.Context, in *ServicePath) (*body[contacted], error) {
		me, acc, _, err := a.service(ctx, in.Service)
		if err != nil {
			return nil, err
		}
		done, err := a.cfg.Desk.Do(ctx, Act{AccountID: acc.ID, Employee: me.userID, Event: model.Event{Kind: model.EventConsult, API: true}})
		return reply(contacted{Sent: done.Reason != "welcomed_lately"}, err)
	})
}

func (a *API) viewServiceItem(acc model.Account, talked bool) serviceItem {
	words := []string{}
	for _, name := range []string{acc.Name, acc.Profile.Alias} {
		if name != "" {
			words = append(words, strings.ToLower(name))
			if a.cfg.Spell != nil {
				words = append(words, a.cfg.Spell(name)...)
			}
		}
	}
	slices.Sort(words)
	words = slices.Compact(words)
	return serviceItem{
		Key: acc.Key, Name: acc.Name, Alias: acc.Profile.Alias, Avatar: serviceAvatarAt(acc), Description: begin(acc.Profile.Description, 60),
		Words: words, Talked: talked,
	}
}

func (a *API) viewService(acc model.Account, talked bool) serviceView {
	p := acc.Profile
	return serviceView{
		Key: acc.Key, Name: acc.Name, Alias: p.Alias, Avatar: serviceAvatarAt(acc), Gender: p.Gender, Landline: p.Landline, Description: p.Description,
		Department: p.Department, WindowTitle: p.ServiceWindow.Title, WindowURL: p.ServiceWindow.URL, Talked: talked,
		Staffed: acc.Policy.Hours == nil || a.cfg.Hours.Open(acc.Policy.Hours, a.cfg.Now().In(a.cfg.Location)),
	}
}

// begin is the beginning of a text.
func begin(text string, chars int) string {
	if utf8.RuneCountInString(text) <= chars {
		return text
	}
	return string([]rune(text)[:chars-1]) + "…"
}
