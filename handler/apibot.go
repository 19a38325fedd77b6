package handler

import (
	"context"
	"net/http"
	"strings"
	"time"

	"deskmate/model"
)

// Usage tells what language models did.
type Usage interface {
	// LLMUsage is of one day, yyyymmdd.
	LLMUsage(ctx context.Context, accountID uint64, day int) (model.LLMUsage, error)
}

// botBody is how an account's bot behaves.
type botBody struct {
	Enabled         bool    `json:"enabled"`
	Answer          float64 `json:"answer" exclusiveMinimum:"0" maximum:"1" doc:"Answer at this probability and above"`
	Suggest         float64 `json:"suggest" exclusiveMinimum:"0" maximum:"1" doc:"Suggest at this probability and above; at most answer"`
	Feedback        bool    `json:"feedback" doc:"A card with 👍 and 👎 follows each answer"`
	FollowUpSeconds int64   `json:"follow_up_seconds" minimum:"0" maximum:"2592000" doc:"For which a question may be about the entry answered before; 0: never"`
	Hot             int     `json:"hot" minimum:"0" maximum:"5" doc:"Hot questions offered with the welcome"`
	Welcome         string  `json:"welcome" doc:"Sent on opening the conversation; empty: nothing; at most 2048 bytes"`
	MissText        string  `json:"miss_text" minLength:"1" doc:"Said on a miss; at most 2048 bytes"`
	IdleSeconds     int64   `json:"idle_seconds" minimum:"1" maximum:"2592000" doc:"Without a message, after which a bot session ends"`
}

// llmBody is how a language model may help.
type llmBody struct {
	Mode         model.LLMMode `json:"mode" enum:"off,rephrase"`
	Tone         string        `json:"tone" maxLength:"200" doc:"How it shall sound; empty: friendly and short"`
	Model        string        `json:"model" maxLength:"100" doc:"Empty: the installation's"`
	TokensPerDay int64         `json:"tokens_per_day" minimum:"0" maximum:"1000000000" doc:"In and out together; 0: no limit"`
}

// BotSettings are an account's bot and language model. It is exported because huma passes
// over embedded types that are not.
type BotSettings struct {
	Bot botBody `json:"bot"`
	LLM llmBody `json:"llm"`
}

// settingsView is the settings of an account.
type settingsView struct {
	BotSettings
	Version uint64 `json:"version" doc:"Of the account"`
}

func viewSettings(version uint64, b model.BotPolicy, l model.LLMPolicy) settingsView {
	return settingsView{
		Version: version,
		BotSettings: BotSettings{Bot: botBody{
			Enabled: b.Enabled, Answer: b.Answer, Suggest: b.Suggest, Feedback: b.Feedback, FollowUpSeconds: b.FollowUp / 1000,
			Hot: b.Hot, Welcome: b.Welcome, MissText: b.MissText, IdleSeconds: b.IdleAfter / 1000,
		}, LLM: llmBody{Mode: l.Mode, Tone: l.Tone, Model: l.Model, TokensPerDay: l.TokensPerDay}},
	}
}

// policy is what the settings say; the rules are those of an account file.
func (v *BotSettings) policy() (model.BotPolicy, model.LLMPolicy, error) {
	bot := model.BotPolicy{
		Enabled: v.Bot.Enabled, Answer: v.Bot.Answer, Suggest: v.Bot.Suggest, Feedback: v.Bot.Feedback,
		FollowUp: v.Bot.FollowUpSeconds * 1000, Hot: v.Bot.Hot, Welcome: v.Bot.Welcome, MissText: v.Bot.MissText,
		IdleAfter: v.Bot.IdleSeconds * 1000,
	}
	llm := model.LLMPolicy{Mode: v.LLM.Mode, Tone: v.LLM.Tone, Model: v.LLM.Model, TokensPerDay: v.LLM.TokensPerDay}
	switch {
	case bot.Suggest > bot.Answer:
		return bot, llm, model.Invalid("thresholds", "阈值应为 0 < 推荐 ≤ 直接回答 ≤ 1")
	case !model.IsPushText(bot.Welcome):
		return bot, llm, model.Invalid("welcome", "欢迎语最多 2048 字节，约 680 个汉字，不能有控制字符")
	case strings.TrimSpace(bot.MissText) == "" || !model.IsPushText(bot.MissText):
		return bot, llm, model.Invalid("miss_text", "未命中时的回复应有 1–2048 字节，约 680 个汉字，不能有控制字符")
	case !model.IsText(llm.Tone, 200) || !model.IsLine(llm.Model, 100):
		return bot, llm, model.Invalid("llm", "语气最多 200 个字，模型名最多 100 个字，都不能有控制字符")
	}
	return bot, llm, nil
}

const botTag = "bot"

func (a *API) registerBot(s surface) {
	const path = account + "/bot"
	within(s, call(http.MethodGet, "getBot", path, botTag, "How the account's bot and language model behave"),
		func(_ context.Context, acc model.Account, _ *AccountPath) (*tagged[settingsView], error) {
			return replyTagged(viewSettings(acc.Version, acc.Policy.Bot, acc.Policy.LLM), acc.Version, nil)
		})
	type setBot struct {
		AccountPath
		Precondition
		Body struct {
			BotSettings
			Version uint64 `json:"version,omitempty" maximum:"9007199254740991" doc:"The version that the caller saw: a conflict where the account has changed since"`
		}
	}
	within(s, call(http.MethodPut, "setBot", path, botTag, "Say how the account's bot and language model behave, in full; live within a second"),
		func(ctx context.Context, acc model.Account, in *setBot) (*tagged[settingsView], error) {
			expect, err := in.expect(in.Body.Version)
			if err != nil {
				return nil, err
			}
			bot, llm, err := in.Body.policy()
			if err != nil {
				return nil, err
			}
			now, err := a.change(ctx, acc, expect, "bot", func(acc *model.Account) error {
				acc.Policy.Bot, acc.Policy.LLM = bot, llm
				return nil
			})
			return replyTagged(viewSettings(now.Version, bot, llm), now.Version, err)
		})
	a.registerUsage(s)
}

// usageView is what a language model did on one day.
type usageView struct {
	Day       string `json:"day" example:"2026-01-31"`
	Calls     int64  `json:"calls"`
	TokensIn  int64  `json:"tokens_in"`
	TokensOut int64  `json:"tokens_out"`
	Verbatim  int64  `json:"verbatim" doc:"Calls after which the approved answer went out as it was"`
}

const (
	usageDays = 7  // shown without dates
	usageMost = 92 // days at a time
)

func (a *API) registerUsage(s surface) {
	type usageRange struct {
		AccountPath
		From string `query:"from" format:"date" doc:"First day; missing: a week in all"`
		To   string `query:"to" format:"date" doc:"Last day; missing: today"`
	}
	within(s, call(http.MethodGet, "listLLMUsage", account+"/llm-usage", botTag, "What the account's language model did, by day"),
		func(ctx context.Context, acc model.Account, in *usageRange) (*body[Listed[usageView]], error) {
			from, to, err := a.days(in.From, in.To)
			if err != nil {
				return nil, err
			}
			out := Listed[usageView]{Items: []usageView{}}
			for day := from; !day.After(to); day = day.AddDate(0, 0, 1) {
				u, err := a.cfg.Usage.LLMUsage(ctx, acc.ID, day.Year()*10000+int(day.Month())*100+day.Day())
				if err != nil {
					return nil, err
				}
				out.Items = append(out.Items, usageView{
					Day: day.Format(time.DateOnly), Calls: u.Calls, TokensIn: u.TokensIn, TokensOut: u.TokensOut, Verbatim: u.Verbatim,
				})
			}
			return reply(out, nil)
		})
}

// days reads a range of days, in the business time zone.
func (a *API) days(from, to string) (first, last time.Time, err error) {
	today := a.cfg.Now().In(a.cfg.Location).Format(time.DateOnly)
	if to == "" {
		to = today
	}
	if last, err = time.Parse(time.DateOnly, to); err != nil {
		return first, last, model.Invalid("bad_date", "to is not a date such as 2026-01-31")
	}
	first = last.AddDate(0, 0, 1-usageDays)
	if from != "" {
		if first, err = time.Parse(time.DateOnly, from); err != nil {
			return first, last, model.Invalid("bad_date", "from is not a date such as 2026-01-31")
		}
	}
	if n := int(last.Sub(first).Hours()/24) + 1; n < 1 || n > usageMost {
		return first, last, model.Invalid("bad_range", "from must not be after to, and at most %d days can be asked for", usageMost)
	}
	return first, last, nil
}
