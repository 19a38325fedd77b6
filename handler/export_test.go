package handler

import "deskmate/model"

// ActKey tells one act from all others.
func ActKey(token, userID string, ev model.Event, once string) string {
	return actKey(caller{Actor: model.Actor{Name: token, UserID: userID}}, ev, once)
}
