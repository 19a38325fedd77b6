package router

import "deskmate/model"

// Everyone is who may call without saying who they are.
const Everyone = everyone

// Access is the table of who may call what.
func Access() map[string][]model.Role { return access() }
