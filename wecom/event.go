package wecom

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"

	"deskmate/model"
)

const (
	maxPerson = 128 // bytes of a userid we can store; WeCom's have up to 64, a linked corp's more
	maxMsgID  = 64  // digits; WeCom's are 64-bit numbers
)

// understand turns a decrypted document into an event. What it can't read, and what is from
// nobody although it must be from somebody, is kept as it came.
func understand(accountID uint64, doc element, raw string) model.Inbound {
	in := model.Inbound{
		AccountID: accountID,
		Person:    model.Fold(doc.value("FromUserName")),
		CreatedMS: doc.milliseconds("CreateTime"),
	}
	if len(in.Person) > maxPerson {
		in.Person = ""
	}
	msgType := strings.ToLower(doc.word("MsgType"))
	if msgType == "event" {
		if in.Person == "sys" { // WeCom itself
			in.Person = ""
		}
		in.Event = readEvent(doc)
	} else if content := readContent(msgType, doc); content != nil {
		in.Event = model.Event{Kind: model.EventMessage, Content: content}
	}
	switch in.Event.Kind {
	case model.EventContact, model.EventAppAlert:
		in.Person = ""
	case "":
		in.Event = model.Event{Kind: model.EventUnknown, Raw: raw}
	default:
		if in.Person == "" {
			in.Event = model.Event{Kind: model.EventUnknown, Raw: raw}
		}
	}
	in.DedupeKey = dedupeKey(in, doc, raw)
	return in
}

// readContent reads the six message types; nil for any other.
func readContent(msgType string, doc element) *model.Content {
	content := &model.Content{Type: model.ContentType(msgType)}
	switch content.Type {
	case model.ContentText:
		content.Text = doc.value("Content")
	case model.ContentImage:
		content.PicURL, content.MediaID = doc.word("PicUrl"), doc.word("MediaId")
	case model.ContentVoice:
		content.MediaID, content.Format = doc.word("MediaId"), doc.word("Format")
	case model.ContentVideo:
		content.MediaID, content.ThumbMediaID = doc.word("MediaId"), doc.word("ThumbMediaId")
	case model.ContentLocation:
		content.Latitude, content.Longitude = doc.degrees("Location_X"), doc.degrees("Location_Y")
		content.Scale, content.Label = int(doc.number("Scale")), doc.value("Label")
	case model.ContentLink:
		content.Title, content.Description = doc.value("Title"), doc.value("Description")
		content.URL, content.PicURL = doc.word("Url"), doc.word("PicUrl")
	case model.ContentFile, model.ContentCard: // WeCom doesn't deliver them to an app
		return nil
	default:
		return nil
	}
	return content
}

// readEvent reads the events that Deskmate knows; the zero event for any other.
func readEvent(doc element) model.Event {
	switch name := strings.ToLower(doc.word("Event")); name {
	case "subscribe":
		return model.Event{Kind: model.EventSubscribe}
	case "unsubscribe":
		return model.Event{Kind: model.EventUnsubscribe}
	case "enter_agent":
		return model.Event{Kind: model.EventEnter}
	case "click":
		return model.Event{Kind: model.EventMenuClick, Key: doc.word("EventKey")}
	case "view":
		return model.Event{Kind: model.EventMenuView, Key: doc.word("EventKey")}
	case "template_card_event", "template_card_menu_event":
		return model.Event{Kind: model.EventCardClick, Click: readClick(doc, name == "template_card_menu_event")}
	case "change_contact":
		return model.Event{Kind: model.EventContact, Contact: readContact(doc)}
	case "inactive_alert", "close_inactive_agent", "reopen_inactive_agent",
		"low_active_alert", "low_active", "active_restored":
		return model.Event{Kind: model.EventAppAlert, Key: name, AtMS: doc.milliseconds("EffectTime")}
	default:
		return model.Event{}
	}
}

func readClick(doc element, menu bool) *model.Click {
	click := &model.Click{
		Key:          doc.word("EventKey"),
		TaskID:       doc.word("TaskId"),
		CardType:     doc.word("CardType"),
		ResponseCode: doc.word("ResponseCode"),
		Menu:         menu,
	}
	for _, items := range doc.all("SelectedItems") {
		for _, item := range items.all("SelectedItem") {
			if click.Selected == nil {
				click.Selected = map[string][]string{}
			}
			question := item.word("QuestionKey")
			for _, ids := range item.all("OptionIds") {
				for _, id := range ids.all("OptionId", "OpitonId") { // the latter in older material
					click.Selected[question] = append(click.Selected[question], strings.TrimSpace(id.text()))
				}
			}
		}
	}
	return click
}

func readContact(doc element) *model.ContactChange {
	change := &model.ContactChange{
		Change:    doc.word("ChangeType"),
		UserID:    doc.word("UserID"),
		NewUserID: doc.word("NewUserID"),
	}
	switch {
	case strings.HasSuffix(change.Change, "_party"):
		change.Department = doc.number("Id")
	case doc.word("MainDepartment") != "":
		change.Department = doc.number("MainDepartment")
	default:
		first, _, _ := strings.Cut(doc.word("Department"), ",")
		change.Department, _ = strconv.ParseInt(strings.TrimSpace(first), 10, 64)
	}
	return change
}

// dedupeKey is the same for every delivery of one callback. Messages have an id; events
// have none, and WeCom's own advice, user and second, would take two clicks of one second
// for one (doc path/90238).
func dedupeKey(in model.Inbound, doc element, raw string) string {
	if in.Event.Kind == model.EventMessage {
		if id := doc.word("MsgId"); id != "" && len(id) <= maxMsgID {
			return "m:" + id
		}
		return "e:" + digest(raw)
	}
	if in.Event.Kind == model.EventUnknown {
		return "e:" + digest(raw)
	}
	parts := []string{model.Fold(doc.value("FromUserName"))}
	for _, name := range []string{
		"CreateTime", "Event", "ChangeType", "EventKey", "TaskId", "ResponseCode", // of any event
		"UserID", "NewUserID", "Id", "TagId", // of changes, which come in swarms from "sys"
	} {
		parts = append(parts, doc.word(name))
	}
	if click := in.Event.Click; click != nil {
		for _, question := range slices.Sorted(maps.Keys(click.Selected)) {
			parts = append(parts, question)
			parts = append(parts, click.Selected[question]...)
		}
	}
	return "e:" + digest(parts...)
}

// digest is a hash of parts, each with its length, so that no two lists run together.
func digest(parts ...string) string {
	const hexDigits = 40
	hash := sha256.New()
	for _, part := range parts {
		_, _ = hash.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return hex.EncodeToString(hash.Sum(nil))[:hexDigits]
}
